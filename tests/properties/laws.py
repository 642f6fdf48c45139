"""The laws: each takes a drawn case, tells it in more than one way, and gives the lines in which the tables differ.

Tables are compared at one `as_of`, revisions and counts of ingestion aside, cells summed over partitions; and what
holders hold is compared with the tables, for a table alone can hide a lost withdrawal.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec
from hypothesis import strategies as st

from streams.generator.verdicts import Verdict
from streams.generator.world import Delivered, decisions, generate, tiny_world
from streams.identity.rules import IdentityRules
from tests.oracle.__main__ import by_batch, by_stream
from tests.oracle.brinks import brink
from tests.oracle.shape import CELLS, Tables
from tests.oracle.tables import Oracle
from tests.properties.instants import INSTANTS
from tests.properties.known import KNOT, KNOWN
from tests.properties.tangles import DAYS, Tangle, Written, strangers, tangles
from tests.properties.telling import Way, by_oracle, differences, misplaced, tables_of, tell
from tests.support.engine import BOOK, EngineRun

SOON = (0, 1)
KEEP = BOOK.keep_ms
FRICTION_OF_FIVE = 2
SEEDS = st.integers(0, 1 << 30)
LATER: st.SearchStrategy[int | str] = st.sampled_from(("drained", 0, 20 * 60_000, 86_400_000, 30 * 86_400_000))
PARTITIONS = st.sampled_from((1, 4, 16))
SEED = st.sampled_from((None, 1, 2, 3, 4, 5))
BATCH = st.sampled_from((1, 3, 500))
ANYHOW = st.builds(Way, partitions=PARTITIONS, seed=SEED, crash_rate=st.sampled_from((0.0, 0.2)), batch=BATCH)
FORGETFUL = st.builds(
    Way, ordered=st.just(True), partitions=PARTITIONS, seed=SEED, crash_rate=st.sampled_from((0.0, 0.2)),
    batch=st.sampled_from((1, 2, 4)),
)  # fmt: skip


class Told(msgspec.Struct, frozen=True):
    """A story, the events in the order they are delivered, the way they are, and the instant the tables are read at."""

    story: Tangle
    delivered: tuple[Written, ...]
    way: Way
    as_of: int | str = "drained"


@st.composite
def stories(draw: st.DrawFn, *, days: tuple[int, ...] = SOON, events: int = 10, copies: int = 1) -> Tangle:
    """A tangle, or (two of five) a story at the bounds of some pattern."""
    if draw(st.integers(0, 4)) < FRICTION_OF_FIVE:
        return Tangle(tuple(at_the_bounds(draw(SEEDS))[0]))
    return draw(tangles(days=days, events=events, copies=copies))


def at_the_bounds(seed: int) -> tuple[list[Written], int | None]:
    """A story of friction by its seed, and the instant it is seen from (None: drained)."""
    events, as_of = brink(seed)
    return [event | {"correlation": event.get("correlation", {})} for event in events], as_of


@st.composite
def bounds(draw: st.DrawFn) -> Told:
    """A story at the bounds of some pattern, delivered in any order or as it was received, seen from a brink."""
    events, as_of = at_the_bounds(draw(SEEDS))
    way = draw(st.one_of(ANYHOW, FORGETFUL))
    delivered = events if way.ordered else draw(st.permutations(events))
    return Told(Tangle(tuple(events)), tuple(delivered), way, "drained" if as_of is None else as_of)


@st.composite
def shuffled(draw: st.DrawFn, *, days: tuple[int, ...] = SOON, events: int = 10, copies: int = 1) -> Told:
    """A short story delivered in any order, some events of it twice."""
    story = draw(stories(days=days, events=events, copies=copies))
    again = draw(st.lists(st.sampled_from(story.events), max_size=3))
    delivered = draw(st.permutations([*story.events, *again]))
    return Told(story, tuple(delivered), draw(ANYHOW), _instant(story, draw(LATER)))


@st.composite
def repeated(draw: st.DrawFn) -> Told:
    """A short story of which any event is delivered up to a few times more, in any order."""
    story = draw(stories())
    again = draw(st.lists(st.sampled_from(story.events), min_size=1, max_size=8))
    return Told(story, tuple(draw(st.permutations([*story.events, *again]))), draw(ANYHOW))


@st.composite
def interleaved(draw: st.DrawFn) -> Told:
    """A short story in its order, over any number of partitions that take turns at random."""
    story = draw(stories())
    way = Way(partitions=draw(PARTITIONS), seed=draw(st.integers(0, 1 << 16)))
    return Told(story, story.events, way, _instant(story, draw(LATER)))


@st.composite
def crashing(draw: st.DrawFn) -> Told:
    """A short or long story told to partitions that crash in every other turn."""
    told = draw(st.one_of(shuffled(copies=2), stretched()))
    way = Way(told.way.ordered, told.way.partitions, draw(st.integers(0, 1 << 16)), 0.5, told.way.batch)
    return msgspec.structs.replace(told, way=way)


@st.composite
def stretched(draw: st.DrawFn) -> Told:
    """Forty days delivered by received time, so that most is forgotten before they end; then some of it comes again."""
    story = draw(stories(days=DAYS, events=14, copies=2))
    again = draw(st.lists(st.sampled_from(story.events), max_size=2))
    return Told(story, (*story.events, *again), draw(FORGETFUL), _instant(story, draw(LATER)))


@st.composite
def known(draw: st.DrawFn) -> Told:
    """A story drawn by hand over partitions that take turns and crash at random; in its order, or in any."""
    story = draw(st.sampled_from((*KNOWN, *INSTANTS)))
    crash_rate = draw(st.sampled_from((0.0, 0.0, 0.5)))
    way = Way(draw(st.booleans()), draw(PARTITIONS), draw(st.integers(0, 1 << 16)), crash_rate, draw(BATCH))
    again = draw(st.lists(st.sampled_from(story.events), max_size=6))
    delivered = (*story.events, *again) if way.ordered else draw(st.permutations([*story.events, *again]))
    return Told(story, tuple(delivered), way)


@st.composite
def knots(draw: st.DrawFn) -> Told:
    """Threads that become one in any order, over partitions that take turns at random, some events again and again."""
    delivered = draw(st.permutations([*KNOT.events, *KNOT.events[:6] * draw(st.integers(0, 3))]))
    return Told(KNOT, tuple(delivered), Way(False, draw(st.sampled_from((4, 16))), draw(st.integers(0, 1 << 16))))


def _instant(story: Tangle, later: int | str) -> int | str:
    return later if isinstance(later, str) else story.newest + later


def same(told: Told, **how: Any) -> list[str]:
    """Tell it as it was written and as it is delivered: no row differs."""
    plain = tell(told.story.events, told.story.ruled, as_of=told.as_of)
    other = tell(told.delivered, told.story.ruled, told.way, as_of=told.as_of, **how)
    return differences(tables_of(other), tables_of(plain)) + misplaced(other)


def agrees_with_the_oracle(told: Told) -> list[str]:
    """However it is delivered, the tables are those of the rules, and the ledger adds up."""
    run = tell(told.delivered, told.story.ruled, told.way, as_of=told.as_of)
    found = differences(tables_of(run), by_oracle(told.story, told.as_of)) + misplaced(run)
    return found + ([f"unaccounted: {run.ledger.unaccounted}"] if run.ledger.unaccounted else [])


def ledger_adds_up(told: Told) -> list[str]:
    """Every event is accepted, late or dead; every accepted one is a new key or a repeat, also across crashes."""
    run = tell(told.delivered, told.story.ruled, told.way)
    accepted, _ = Oracle().read(told.story.events)
    keys = {event.key for event in accepted if not event.late}
    late = [event for event in Oracle().read(told.delivered)[0] if event.late]
    report = run.ledger
    found = {
        "unaccounted": (report.unaccounted, 0),
        "events": (report.events, len(told.delivered)),
        "late": (report.late, len(late)),
        "new": (report.new, len(keys)),
    }
    return [f"{name}: {got} instead of {due}" for name, (got, due) in found.items() if got != due]


def fast_path_is_recomputation(told: Told) -> list[str]:
    """Working everything out again at each settle gives what following the changes gives."""
    slow = IdentityRules(keep_ms=KEEP, fast_path=False)
    return same(told, rules=slow)


def strangers_change_nothing(told: Told) -> list[str]:
    """The tables of two stories that share nobody are the tables of each, put together."""
    other = strangers(told.story)
    both = sorted([*told.delivered, *other.events], key=lambda event: event["received_at"])
    as_of = max(told.as_of, other.newest) if isinstance(told.as_of, int) else told.as_of
    together = tell(both, [*told.story.ruled, *other.ruled], told.way, as_of=as_of)
    apart = [tables_of(tell(one.events, one.ruled, as_of=as_of)) for one in (told.story, other)]
    return differences(tables_of(together), _union(*apart)) + misplaced(together)


def strange_worlds_change_nothing(seed: int) -> list[str]:
    """Two generated worlds without a customer in common, told together, are the tables of each."""
    tidy = msgspec.structs.replace(tiny_world(seed), junk=0.0)
    worlds = (tidy, msgspec.structs.replace(tidy, seed=seed + 1, first_person=1_000))
    both = sorted((one for world in worlds for one in generate(world)), key=attrgetter("received_at"))
    together = _tell_world(both, [ruled for world in worlds for ruled in decisions(world)])
    apart = [tables_of(_tell_world(generate(world), decisions(world))) for world in worlds]
    return differences(tables_of(together), _union(*apart)) + misplaced(together)


def _tell_world(delivered: Iterable[Delivered], ruled: Iterable[Verdict]) -> EngineRun:
    decided = [msgspec.to_builtins(one) for one in ruled]
    return tell([one.event for one in delivered], decided, Way(ordered=False))


def _union(left: Tables, right: Tables) -> Tables:
    tables = {name: left[name] | right[name] for name in left}
    for name in CELLS:
        for key in left[name].keys() & right[name].keys():
            tables[name][key] = tuple(map(_plus, left[name][key], right[name][key]))
    return tables


def _plus(left: object, right: object) -> object:
    """Add measures; buckets are lists of them."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return tuple(map(_plus, left, right))
    assert isinstance(left, int)
    assert isinstance(right, int)
    return left + right


def generated_worlds_agree_with_the_oracle(seed: int) -> list[str]:
    """A generated world as it is delivered, and its events as they were written."""
    rules = tiny_world(seed)
    run = by_stream(rules, partitions=(1, 4, 16)[seed % 3])
    return differences(run, by_batch(rules))
