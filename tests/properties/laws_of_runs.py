"""The laws of runs: stopped and resumed, read in parts, told decisions on the way, kept to small limits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import strategies as st

from schemas.rows import PersonRow, Upsert
from streams.identity.rules import IdentityRules
from streams.local.replay import Replay
from streams.local.stores import MemoryStore, RocksStore, Store
from tests.oracle import people
from tests.properties.laws import KEEP, Told, shuffled, stretched
from tests.properties.tangles import DAY, Ruled, tangles
from tests.properties.telling import (
    Way,
    by_oracle,
    decisions_of,
    differences,
    misplaced,
    new_intake,
    source,
    tables_of,
    tell,
)
from tests.support.engine import EngineRun, Shelf, new_replay


class Stopped(Exception):
    """The power went."""


class Cable(Shelf):
    """A shelf that takes so many deliveries, and then the power goes."""

    def __init__(self, deliveries: int) -> None:
        super().__init__()
        self.left = deliveries

    def publish(self, upserts: Sequence[Upsert]) -> None:
        """Take upserts, or raise Stopped after having taken them."""
        super().publish(upserts)
        self.left -= 1
        if self.left == 0:
            raise Stopped


class Cut(msgspec.Struct, frozen=True):
    """A run that stops after so many commits, or amid publishing, and goes on from what its store has."""

    told: Told
    stops: tuple[int, ...]
    amid_publishing: bool
    on_disk: bool


@st.composite
def cuts(draw: st.DrawFn, *, stop_amid: bool) -> Cut:
    """Runs in small batches, stopped one to three times."""
    told = draw(stretched() if draw(st.booleans()) else shuffled(copies=2))
    way = msgspec.structs.replace(told.way, batch=draw(st.sampled_from((1, 2))), crash_rate=0.0)
    way = msgspec.structs.replace(way, seed=None) if stop_amid else way
    stops = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    on_disk = draw(st.integers(0, 19)) == 19
    return Cut(msgspec.structs.replace(told, way=way), tuple(stops), stop_amid, on_disk)


def resumes(cut: Cut) -> list[str]:
    """A run stopped at any commit, or amid publishing before one, ends like one that was never stopped."""
    told = cut.told
    whole = tell(told.delivered, told.story.ruled, told.way, as_of=told.as_of)
    with _store(on_disk=cut.on_disk) as store:
        shelf = Cable(0)
        for stop in cut.stops:
            _run_until(cut, stop, shelf, store)
        shelf.left = 0
        replay = _go_on(told, shelf, store)
        replay.run([source(told.delivered, ordered=told.way.ordered)], as_of=told.as_of)
    run = EngineRun(replay, shelf)
    found = differences(tables_of(run), tables_of(whole)) + misplaced(run)
    return found + ([f"unaccounted: {run.ledger.unaccounted}"] if run.ledger.unaccounted else [])


def _run_until(cut: Cut, stop: int, shelf: Cable, store: Store) -> None:
    commits = 0

    def progress(_: object) -> None:
        nonlocal commits
        commits += 1
        if not cut.amid_publishing and commits == stop:
            raise Stopped

    replay = _go_on(cut.told, shelf, store)
    shelf.left = stop if cut.amid_publishing else 0
    try:
        events = source(cut.told.delivered, ordered=cut.told.way.ordered)
        replay.run([events], as_of=cut.told.as_of, progress=progress)
    except Stopped:
        pass


def _go_on(told: Told, shelf: Shelf, store: Store) -> Replay:
    way = told.way
    replay = new_replay(
        shelf, partitions=way.partitions, seed=way.seed, batch_records=way.batch, store=store, intake=new_intake
    )
    replay.decide(decisions_of(told.story.ruled))
    return replay


@contextmanager
def _store(*, on_disk: bool) -> Iterator[Store]:
    if not on_disk:
        yield MemoryStore()
        return
    with TemporaryDirectory() as folder:
        store = RocksStore(Path(folder) / "state")
        yield store
        store.close()


def merging_is_replaying_the_union(told: Told) -> list[str]:
    """What is read in two runs, each to its end, gives what one run over everything gives.

    A story that is longer than anything is remembered is read by received time.
    """
    is_long = told.story.newest - min(one["occurred_at"] for one in told.story.events) > 14 * DAY
    events = told.story.events if is_long else told.delivered
    shelf, middle = Shelf(), len(events) // 2
    replay = new_replay(shelf, partitions=told.way.partitions, seed=told.way.seed, intake=new_intake)
    replay.decide(decisions_of(told.story.ruled))
    replay.run([source(events[:middle], "first")])
    replay.run([source(events[middle:], "second")], as_of=told.as_of)
    whole = tell(told.story.events, told.story.ruled, as_of=told.as_of)
    run = EngineRun(replay, shelf)
    return differences(tables_of(run), tables_of(whole)) + misplaced(run)


class Verdicts(msgspec.Struct, frozen=True):
    """A story, and decisions on very few pairs, each told after so many of the events."""

    told: Told
    ruled: tuple[tuple[int, Ruled], ...]


@st.composite
def verdicts(draw: st.DrawFn) -> Verdicts:
    """Split, unsplit, split again: up to six decisions on two pairs, told anywhere between the events."""
    story = draw(tangles(days=(0, 1), events=9, rulings=6))
    pairs = [(one.left, one.right) for one in story.ruled[:2]]
    few = [
        msgspec.structs.replace(one, left=pairs[number % 2 % len(pairs)][0], right=pairs[number % 2 % len(pairs)][1])
        for number, one in enumerate(story.ruled)
    ]
    story = msgspec.structs.replace(story, ruled=tuple(few))
    when = [draw(st.integers(0, len(story.events))) for _ in few]
    order = draw(st.permutations(list(zip(when, few, strict=True))))
    way = Way(partitions=draw(st.sampled_from((1, 4))), seed=draw(st.sampled_from((None, 1, 2))))
    return Verdicts(Told(story, story.events, way), tuple(order))


def decisions_hold_in_any_order(told: Verdicts) -> list[str]:
    """Decisions told in any order, early, late or between the events, give the tables of the rules."""
    way, events = told.told.way, told.told.delivered
    shelf = Shelf()
    replay = new_replay(shelf, partitions=way.partitions, seed=way.seed, intake=new_intake)
    for number in range(len(events) + 1):
        replay.decide(decisions_of(ruled for when, ruled in told.ruled if when == number))
        replay.run([source(events[number : number + 1], f"e{number}")])
    replay.advance(told.told.story.newest + 365 * DAY)
    run = EngineRun(replay, shelf)
    return differences(tables_of(run), by_oracle(told.told.story)) + misplaced(run)


class Limited(msgspec.Struct, frozen=True):
    """A story under small limits of identifiers per person and people per identifier."""

    told: Told
    identifiers: int
    neighbours: int


LIMITED = st.builds(Limited, shuffled(events=12), st.integers(2, 5), st.integers(1, 3))


def limits_hold(case: Limited) -> list[str]:
    """Small limits give what the rules say under the same limits, and whoever is beyond one is flagged."""
    told = case.told
    rules = IdentityRules(keep_ms=KEEP, identifiers_per_person=case.identifiers, people_per_identifier=case.neighbours)
    run = tell(told.delivered, told.story.ruled, told.way, as_of=told.as_of, rules=rules)
    with _limited_oracle(case):
        found = differences(tables_of(run), by_oracle(told.story, told.as_of)) + misplaced(run)
    flags = {flag for row in _people(run) for flag in row.flags}
    verdicts = {getattr(row, "verdict", "") for row in run.tables.get("identity_log", {}).values()}
    return found + [f"nobody is flagged {one}" for one in ("limited", "junk") if one in verdicts and one not in flags]


@contextmanager
def _limited_oracle(case: Limited) -> Iterator[None]:
    usual = people.GROUP_MOST, people.JUNK_ABOVE
    people.GROUP_MOST, people.JUNK_ABOVE = case.identifiers, case.neighbours
    try:
        yield
    finally:
        people.GROUP_MOST, people.JUNK_ABOVE = usual


def quarantine_begins_beyond_its_limit(told: Told) -> list[str]:
    """As many touchpoints as the limit change nothing; more, and the people of the cluster are flagged."""
    plain = tell(told.delivered, told.story.ruled, as_of=told.as_of)
    up_to, beyond = (
        tell(
            told.delivered,
            told.story.ruled,
            as_of=told.as_of,
            rules=IdentityRules(keep_ms=KEEP, touchpoints_per_holder=limit),
        )
        for limit in (len(told.story.events), 1)
    )
    found = differences(tables_of(up_to), tables_of(plain))
    held = Counter(getattr(row, "person_id", "") for row in plain.tables.get("touchpoints", {}).values())
    strong = [row for row in _people(plain) if row.basis == "strong" and held[row.person_id] > 1]
    flagged = any("quarantined" in row.flags for row in _people(beyond))
    return found + (["nobody is flagged"] if strong and not flagged else [])


def _people(run: EngineRun) -> list[PersonRow]:
    return [row for row in run.tables.get("people", {}).values() if isinstance(row, PersonRow)]
