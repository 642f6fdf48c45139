"""Load patterns: TOML text to a compiled `Pattern`, with errors that name the file and the place in it."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Final

import msgspec

from schemas.identifiers import RANKS, IdentClass, Kind, class_of, ident
from streams.patterns.durations import milliseconds
from streams.patterns.language import Absence, Clause, PatternFile, Repeat, Sequence, Verdict
from streams.patterns.pattern import REACH_MAX_MS, Begin, Follow, Judgement, Missing, Pattern, Slice
from streams.patterns.predicates import Length, compile_match, length

VERDICTS_MAX: Final = 8
_ID: Final = re.compile(r"[XU][0-9]{2}")


class PatternError(Exception):
    """A pattern file can not be used: `file`, `place` (line and column, or the path of a field) and `reason`."""

    def __init__(self, file: str, place: str, reason: str) -> None:
        """Keep the parts, and join them to one line."""
        super().__init__(": ".join(part for part in (file, place, reason) if part))
        self.file = file
        self.place = place
        self.reason = reason


def load_catalogue() -> tuple[Pattern, ...]:
    """Load the enabled patterns shipped with Seamline, in the order of their ids."""
    folder = files("streams.patterns") / "catalogue"
    entries = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return load_patterns((entry.name, entry.read_text("utf-8")) for entry in entries)


def load_patterns(texts: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
    """Compile the enabled ones of these (file name, text); PatternError for what is wrong first, or an id met twice."""
    patterns: dict[str, Pattern] = {}
    for file, text in sorted(texts):
        pattern = load_pattern(text, file)
        if pattern.id in patterns:
            raise PatternError(file, "id", f"{pattern.id} is the id of another pattern too")
        patterns[pattern.id] = pattern
    return tuple(patterns[name] for name in sorted(patterns) if patterns[name].written.enabled)


def load_pattern(text: str, file: str) -> Pattern:
    """Compile one pattern, enabled or not; PatternError says where it is wrong."""
    try:
        written = msgspec.convert(tomllib.loads(text), PatternFile)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        raise PatternError(file, place.rstrip(")"), reason) from None
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise PatternError(file, path.rstrip("`").lstrip("."), reason) from None
    with _place(file, ""):
        _check_head(written)
    pattern = _compile(written, file)
    with _place(file, "clauses"):
        _check_reach(pattern)
    return pattern


@contextmanager
def _place(file: str, place: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise PatternError(file, place, str(error)) from None


def _check_head(written: PatternFile) -> None:
    if not _ID.fullmatch(written.id):
        raise ValueError(f"id must be X or U and two digits, not {written.id!r}")
    if written.version < 1:
        raise ValueError("version must be at least 1")
    for name in ("name", "owner", "meaning"):
        if not str(getattr(written, name)).strip():
            raise ValueError(f"{name} must not be empty")
    kinds = [type(clause) for clause in written.clauses]
    if kinds[:1] != [Repeat] or len(set(kinds)) != len(kinds):
        raise ValueError("clauses must begin with one of kind repeat, and have each kind at most once")
    if not 0 < len(written.verdicts) <= VERDICTS_MAX:
        raise ValueError(f"there must be between 1 and {VERDICTS_MAX} verdicts")
    last = written.verdicts[-1]
    if last.when != "always" or last.every is not None:
        raise ValueError("the last of the verdicts must hold always")
    if not any(example.severity for example in written.examples) or all(bool(e.severity) for e in written.examples):
        raise ValueError("there must be examples that fire and examples that do not")


def _compile(written: PatternFile, file: str) -> Pattern:
    parameters = written.parameters
    values = {}
    for name, text in parameters.items():
        with _place(file, f"parameters.{name}"):
            values[name] = milliseconds(text)
    clauses: dict[type[Clause], Begin | Follow | Missing] = {}
    for index, clause in enumerate(written.clauses):
        with _place(file, f"clauses[{index}]"):
            clauses[type(clause)] = _clause(clause, parameters)
    begin, follow, missing = clauses[Repeat], clauses.get(Sequence), clauses.get(Absence)
    assert isinstance(begin, Begin)  # noqa: S101 - `_check_head` saw to it
    with _place(file, "key"):
        key_ranks = tuple(_thread_rank(kind) for kind in written.key.threads)
        key_within = _key_within(written, parameters)
    judgements = []
    for index, verdict in enumerate(written.verdicts):
        with _place(file, f"verdicts[{index}]"):
            judgements.append(_judgement(verdict, written))
    return Pattern(
        written=written,
        begin=begin,
        follow=follow if isinstance(follow, Follow) else None,
        missing=missing if isinstance(missing, Missing) else None,
        judgements=tuple(judgements),
        key_ranks=key_ranks,
        key_within=key_within,
        slices=tuple(
            Slice(frozenset(part.brand), frozenset(part.channel), frozenset(part.task), part.parameters)
            for part in written.overrides
        ),
        values=values,
        slice_values=_slice_values(written, file),
    )


def _clause(clause: Clause, parameters: dict[str, str]) -> Begin | Follow | Missing:
    test = compile_match(clause.match, parameters)
    if isinstance(clause, Sequence):
        within = length(clause.within, parameters)
        return Follow(clause.match, test, within, clause.join == "key", frozenset(clause.related))
    if isinstance(clause, Absence):
        within, lateness = length(clause.within, parameters), length(clause.lateness, parameters)
        return Missing(clause.match, test, within, lateness, clause.decides == "hit")
    if clause.at_least < 1:
        raise ValueError("at_least must be at least 1")
    gap = length(clause.gap, parameters) if clause.gap else None
    return Begin(clause.match, test, clause.at_least, gap, clause.lapsed_journeys)


def _thread_rank(kind: Kind) -> int:
    if class_of(ident(kind, b"")) is not IdentClass.THREAD:
        raise ValueError(f"{kind} is no thread")
    return RANKS[kind]


def _key_within(written: PatternFile, parameters: dict[str, str]) -> Length | None:
    if written.key.otherwise == "none":
        if not written.key.threads:
            raise ValueError('a key needs threads, or otherwise = "task"')
        return None
    return length(written.key.within, parameters)


def _judgement(verdict: Verdict, written: PatternFile) -> Judgement:
    kinds = {type(clause) for clause in written.clauses}
    if not 0 < verdict.confidence <= 1:
        raise ValueError("confidence must be above 0 and at most 1")
    if verdict.when == "related" and Sequence not in kinds:
        raise ValueError('when = "related" needs a clause of kind sequence')
    if verdict.when == "absent" and Absence not in kinds:
        raise ValueError('when = "absent" needs a clause of kind absence')
    every = compile_match(verdict.every, written.parameters) if verdict.every is not None else None
    return Judgement(verdict.severity, verdict.confidence, verdict.when == "related", verdict.when == "absent", every)


def _slice_values(written: PatternFile, file: str) -> tuple[dict[str, int], ...]:
    slices = []
    for index, part in enumerate(written.overrides):
        with _place(file, f"overrides[{index}].parameters"):
            unknown = sorted(set(part.parameters) - set(written.parameters))
            if unknown:
                raise ValueError(f"{unknown[0]} is not among the parameters")
            slices.append({name: milliseconds(text) for name, text in part.parameters.items()})
    return tuple(slices)


def _check_reach(pattern: Pattern) -> None:
    """Refuse clauses that look further than a key is remembered: what they wait for would find nothing to join."""
    if pattern.longest_ms > REACH_MAX_MS:
        raise ValueError("no clause may look further than 14d")
    if pattern.follow is not None and pattern.missing is not None and pattern.missing.decides_hit:
        raise ValueError("a hit is decided by what follows or by what is absent, not by both")
    if pattern.key_within is None:
        return
    for values in (pattern.values, *({**pattern.values, **own} for own in pattern.slice_values)):
        reach = [clause.within(values) for clause in (pattern.follow, pattern.missing) if clause is not None]
        if max(reach, default=0) > pattern.key_within(values):
            raise ValueError("no clause may look further than key.within")
