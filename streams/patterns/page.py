"""Write `docs/patterns.md`: the language, told by hand, and the catalogue, told by the patterns themselves."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final

from streams.patterns.pattern import Pattern
from streams.patterns.wording import Wording

NOTICE: Final = "<!-- Written by `seamline patterns docs --write`, which begins with streams/patterns/language.md. -->"


def patterns_page(patterns: Iterable[Pattern]) -> str:
    """Write the page for these patterns, enabled or not."""
    told = (files("streams.patterns") / "language.md").read_text("utf-8").rstrip("\n")
    known = sorted(patterns, key=lambda pattern: pattern.id)
    lines = [NOTICE, told, "", "## Catalogue", "", "| id | name | owner | meaning |", "|---|---|---|---|"]
    lines += [_listed(pattern) for pattern in known]
    for pattern in known:
        lines += ["", *_section(pattern)]
    return "\n".join(lines) + "\n"


def _listed(pattern: Pattern) -> str:
    told = pattern.written
    return f"| [{told.id}](#{told.id.lower()}-{told.name}) | {told.name} | {told.owner} | {told.meaning} |"


def _section(pattern: Pattern) -> Iterator[str]:
    written, words = pattern.written, Wording(pattern.written)
    yield f"### {pattern.id} {written.name}"
    yield ""
    yield written.meaning
    yield ""
    state = "on" if written.enabled else "off"
    yield f"Owner: {written.owner}. Version {written.version}, tier {written.tier}, {state}."
    if written.remedy:
        yield f"Remedy: {written.remedy}"
    if written.health:
        yield "Health: alerts name the pattern and ids, and nothing else."
    yield ""
    yield f"* **Items**: {words.items()}."
    yield f"* **Key**: {words.key(written.key)}."
    for clause in written.clauses:
        yield f"* *{clause.name}*: {words.clause(clause)}."
    yield f"* **Hit**: {words.hit()}."
    for verdict in written.verdicts:
        yield f"* **{verdict.severity}**, confidence {verdict.confidence:g}: {words.verdict(verdict)}."
    if written.parameters:
        yield ""
        yield "Parameters: " + ", ".join(f"`{name}` {text}" for name, text in written.parameters.items()) + "."
        yield from _slices(pattern)
    yield ""
    yield from _examples(pattern)


def _slices(pattern: Pattern) -> Iterator[str]:
    for part in pattern.written.overrides:
        held = (("brand", part.brand), ("channel", part.channel), ("task", part.task))
        where = "; ".join(f"{name} {', '.join(values)}" for name, values in held if values)
        yield f"For {where}: " + ", ".join(f"`{name}` {text}" for name, text in part.parameters.items()) + "."


def _examples(pattern: Pattern) -> Iterator[str]:
    for example in pattern.written.examples:
        yield f"* {'fires, ' + example.severity if example.severity else 'quiet'}: {example.says}"
