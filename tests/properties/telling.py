"""Tell stories to the engine in any way delivery may take, and to the oracle as they were written."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from schemas.codecs import AvroSchemas
from schemas.evidence import Decision
from streams.identity.rules import IdentityRules
from streams.local.sources import EventSource
from streams.processors.intake import Intake
from tests.oracle.compare import compare
from tests.oracle.evidence import rulings
from tests.oracle.published import published
from tests.oracle.shape import Tables
from tests.oracle.tables import Oracle
from tests.oracle.wire import Reader
from tests.properties.tangles import Ruled, Tangle, Written
from tests.support.engine import INTAKE_RULES, EngineRun, Shelf, new_replay

READER: Reader = Oracle().reader
SHOWN = 6
SCHEMAS = AvroSchemas()


class Way(msgspec.Struct, frozen=True):
    """How a story is delivered. `ordered`: by received time, so that what is old is forgotten on the way."""

    ordered: bool = False
    partitions: int = 4
    seed: int | None = None
    crash_rate: float = 0.0
    batch: int = 500


PLAIN = Way()


def new_intake() -> Intake:
    """An intake like any other; only the parsed schemas are shared, which say nothing of events."""
    return Intake(INTAKE_RULES, avro=SCHEMAS)


def decisions_of(ruled: Iterable[Ruled | Written]) -> list[Decision]:
    """Hash what operators decided."""
    return [
        Decision(one.pair, one.decided_at, one.decision_id, "split" if one.split else "allow")
        for one in rulings([each.written if isinstance(each, Ruled) else each for each in ruled], READER)
    ]


def tell(
    events: Sequence[Written],
    ruled: Iterable[Ruled | Written] = (),
    way: Way = PLAIN,
    *,
    as_of: int | str = "drained",
    rules: IdentityRules | None = None,
) -> EngineRun:
    """Deliver these events in this order, decisions first."""
    shelf = Shelf()
    replay = new_replay(
        shelf,
        partitions=way.partitions,
        seed=way.seed,
        crash_rate=way.crash_rate,
        batch_records=way.batch,
        rules=rules,
        intake=new_intake,
    )
    replay.decide(decisions_of(ruled))
    replay.run([source(events, ordered=way.ordered)], as_of=as_of)
    return EngineRun(replay, shelf)


def source(events: Sequence[Written], name: str = "events", *, ordered: bool = False) -> EventSource:
    """Events as a source."""
    return EventSource(name, [msgspec.json.encode(event) for event in events], ordered=ordered)


def tables_of(run: EngineRun) -> Tables:
    """What a run published, in the oracle's shape."""
    return published(run.tables)


def by_oracle(tangle: Tangle, as_of: int | str = "drained") -> Tables:
    """What the rules say of a story."""
    until = None if isinstance(as_of, str) else as_of
    return Oracle().tables(tangle.events, [one.written for one in tangle.ruled], until)


def differences(ours: Tables, theirs: Tables) -> list[str]:
    """The first few differences as lines; empty where the tables agree."""
    return [str(one) for one in compare(ours, theirs)[:SHOWN]]


def misplaced(run: EngineRun) -> list[str]:
    """Touchpoints somebody holds and the table has elsewhere: a table alone can hide a lost withdrawal."""
    told = {str(key[1]): getattr(row, "person_id", "") for key, row in run.tables.get("touchpoints", {}).items()}
    held: dict[str, list[str]] = defaultdict(list)
    for stitcher in run.replay.cluster.stitchers:
        for household in stitcher.households.values():
            for key, placement in household.placed.items():
                if household.residents[placement.person].is_shown(placement.touchpoint):
                    held[key.hex()].append(placement.person)
    return [
        f"touchpoint {key[:8]} is shown at {people}, the table says {told.get(key)}"
        for key, people in held.items()
        if people != [told.get(key)]
    ][:SHOWN]
