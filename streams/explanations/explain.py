"""Explain a pattern: what it saw of one customer, key by key and clause by clause, met when, or why not.

The customer's touchpoints are folded by the engine itself, with this pattern alone: what is told is what it did.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from schemas.identifiers import KINDS
from schemas.touchpoint import Touchpoint, order_key
from streams.explanations.reasons import reason, spelled_moment
from streams.explanations.watching import Moment, Watched, moment_of, watch
from streams.patterns import hits, lines
from streams.patterns.pattern import Pattern
from streams.patterns.predicates import compile_match, keyed_tests
from streams.patterns.reading import TEXTS
from streams.patterns.wording import Wording, alternatives

KEYS_MAX: Final = 50
"""Keys told of; of more, the newest."""


class ClauseStory(msgspec.Struct, frozen=True):
    """One clause under one key: what it asks for, whether it is met and since when (milliseconds UTC), and why."""

    name: str
    asks: str
    met: bool
    at: int | None
    why: str


class KeyStory(msgspec.Struct, frozen=True):
    """Everything a pattern saw under one key; `severity` is empty where it is no hit."""

    hit_key: str
    about: str
    items: tuple[Moment, ...]
    clauses: tuple[ClauseStory, ...]
    severity: str = ""
    confidence: float = 0.0
    detected_at: int | None = None


class Explanation(msgspec.Struct, frozen=True):
    """What a pattern saw of one customer as of an instant; `left_out` says what was not taken up, and why."""

    pattern: str
    name: str
    meaning: str
    items: str
    hit: str
    as_of: int
    touchpoints: int
    keys: tuple[KeyStory, ...]
    left_out: tuple[str, ...]


def explain(pattern: Pattern, touchpoints: Sequence[Touchpoint], as_of: int) -> Explanation:
    """Tell what a pattern saw in one customer's touchpoints, given in any order."""
    told = sorted(touchpoints, key=order_key)
    watched = [one for one in watch(pattern, told, as_of) if one.items]
    known = sorted(watched, key=lambda one: (one.group.newest, one.name))[-KEYS_MAX:]
    words = Wording(pattern.written)
    return Explanation(
        pattern=pattern.id,
        name=pattern.written.name,
        meaning=pattern.written.meaning,
        items=words.items(),
        hit=words.hit().replace("*", ""),
        as_of=as_of,
        touchpoints=len(told),
        keys=tuple(_key_story(pattern, one, told, as_of) for one in known),
        left_out=tuple(_left_out(pattern, watched, told)),
    )


def _key_story(pattern: Pattern, watched: Watched, told: list[Touchpoint], as_of: int) -> KeyStory:
    group = hits.as_shown(watched.group, as_of)
    head = group.head or group.run_head
    texts = pattern.texts_of(head.brand, head.channel, head.task) if head is not None else None
    words = Wording(pattern.written, texts)
    clauses = []
    for clause in pattern.written.clauses:
        found = reason(pattern, clause, watched, group, told)
        clauses.append(ClauseStory(clause.name, words.clause(clause), found.met, found.at, found.why))
    story = KeyStory(watched.name.hex(), _about(pattern, watched, told), tuple(watched.items), tuple(clauses))
    row = hits.hit_row(pattern, watched.name, watched.group, "", as_of)
    if row is None:
        return story
    return msgspec.structs.replace(story, severity=row.severity, confidence=row.confidence, detected_at=row.detected_at)


def _about(pattern: Pattern, watched: Watched, told: list[Touchpoint]) -> str:
    """Say what a key is: a kind of thread, or a line with what its items share."""
    name = watched.name
    if lines.is_thread(name):
        return KINDS[name[0]].value
    first = next((one for one in told if one.key == name), None)
    # A journey that was given up shares what the journey was about, which its last touchpoint need not tell.
    if first is None or watched.items[0].given_up_at is not None:
        return "line"
    for line, rule in zip(pattern.written.key.lines, pattern.lines, strict=True):
        if rule.must_tell is None or rule.must_tell(first):
            shared = [f"{field} {TEXTS[field](first) or 'not told'}" for field in line.by]
            return f"line of {', '.join(shared)}"
    return "line"


def _left_out(pattern: Pattern, watched: list[Watched], told: list[Touchpoint]) -> Iterator[str]:
    """Say why touchpoints are no items: no key, something shortly before, or what the nearest of them is not."""
    begins = compile_match(pattern.written.items.match, pattern.written.parameters)
    such = [one for one in told if begins(one, pattern.values_of(one.brand, one.channel, one.task))]
    taken = {item.key for one in watched for item in one.items}
    rest = [one for one in such if one.key.hex() not in taken]
    keyless = [one for one in rest if lines.thread_of(pattern, one) is None and lines.line_key(pattern, one) is None]
    if keyless:
        yield f"{len(keyless)} tell no key, the newest {spelled_moment(moment_of(keyless[-1]))}"
    soon = [one for one in rest if one not in keyless]
    if soon:
        yield f"{len(soon)} came too soon after something else, the newest {spelled_moment(moment_of(soon[-1]))}"
    if told and not such and not watched:
        yield _nearest(pattern, told)
    if not told:
        yield "there are no touchpoints"


def _nearest(pattern: Pattern, told: list[Touchpoint]) -> str:
    """Find the touchpoint that fails the fewest of the things asked of an item, the newest of several."""
    tests = keyed_tests(pattern.written.items.match, pattern.written.parameters)

    def failed(one: Touchpoint) -> list[str]:
        values = pattern.values_of(one.brand, one.channel, one.task)
        return [key for key, test in tests if not test(one, values)]

    nearest = min(reversed(told), key=lambda one: len(failed(one)))
    asked = alternatives(dict.fromkeys(failed(nearest))).replace(" or ", " and ")
    return f"none of {len(told)} touchpoints is an item; {spelled_moment(moment_of(nearest))} is not such in: {asked}"
