"""What a run left in the log: the tables, and whether the accounts add up."""

from base64 import b85decode
from collections.abc import Iterable

from schemas.evidence import Anonymous, Observe
from schemas.formats import UPSERTS
from schemas.rows import RowKey, Upsert
from schemas.topics import CHANGELOG, EVIDENCE, HANDOFFS, TOPIC_OF_TABLE
from streams.identity.members import unpack
from streams.intake.ledger import Ledger
from streams.kafka.names import Names, Place
from streams.kafka.records import evidence_of, mark_of
from streams.processors.stitcher import CLOCK_KEY, Clock
from tests.oracle.compare import compare
from tests.oracle.published import published
from tests.simulation.log import Log
from tests.simulation.worlds import World
from tests.support.engine import Shelf


def judge(log: Log, names: Names, partitions: int, world: World) -> list[str]:
    """Say everything that is not as it must be."""
    shelf, rivals = _shelf(log, names, partitions)
    wrong = [str(each) for each in compare(published(shelf.tables()), world.tables)]
    return [*wrong, *rivals, *_intake_accounts(log, names), *_stitcher_accounts(log, names, partitions)]


def is_drained(log: Log, names: Names, partitions: int) -> bool:
    """Tell whether everything that stands in the log has been read, and nothing is under way."""
    inputs = [(topic, n) for topic in names.inputs for n in range(log.topics[topic])]
    inside = _places(names.topic(EVIDENCE), partitions) + _places(names.topic(HANDOFFS), partitions)
    if any(log.partitions[place].open for place in log.partitions):
        return False
    return _is_read(log, names.group("intake"), inputs) and _is_read(log, names.group("stitcher"), inside)


def _is_read(log: Log, group: str, places: Iterable[Place]) -> bool:
    positions = log.group(group).positions
    for place in places:
        records = log.read([place])
        at = positions.get(place)
        if records and (at is None or at.offset <= records[-1].offset):
            return False
    return True


def _places(topic: str, partitions: int) -> list[Place]:
    return [(topic, number) for number in range(partitions)]


def _shelf(log: Log, names: Names, partitions: int) -> tuple[Shelf, list[str]]:
    """Keep the newest row of each key. No other row may have its revision: which of them stood would be by chance."""
    shelf = Shelf()
    rivals: dict[tuple[str, RowKey], tuple[Upsert, Upsert]] = {}
    for topic in sorted({names.topic(topic) for topic in TOPIC_OF_TABLE.values()}):
        for record in log.read(_places(topic, partitions)):
            upsert = UPSERTS.decode(record.value or b"")
            name = (upsert.table.value, upsert.key)
            known = shelf.newest.get(name)
            if known is not None and known.revision == upsert.revision and known.row != upsert.row:
                rivals[name] = (known, upsert)
            shelf.publish([upsert])
    lasting = [pair for name, pair in rivals.items() if pair[0].revision == shelf.newest[name].revision]
    return shelf, [f"two rows of one revision: {one} and {other}" for one, other in lasting]


def _intake_accounts(log: Log, names: Names) -> list[str]:
    """Every record of an input is counted once, beside the committed offset, however often it was read."""
    positions = log.group(names.group("intake")).positions
    wrong = []
    for place in [(topic, n) for topic in names.inputs for n in range(log.topics[topic])]:
        written = sum(mark_of(record) is None for record in log.read([place]))
        note = positions[place].note if place in positions else ""
        counted = sum(each.total for each in Ledger.load(b85decode(note)).sources.values()) if note else 0
        if counted != written:
            wrong.append(f"intake counted {counted} of {written} records of {place[0]}-{place[1]}")
    return wrong


def _stitcher_accounts(log: Log, names: Names, partitions: int) -> list[str]:
    """Every letter with a touchpoint is taken exactly once: holders count as many as stand in evidence."""
    evidence = log.read(_places(names.topic(EVIDENCE), partitions))
    letters = sum(isinstance(evidence_of(record).message, Observe | Anonymous) for record in evidence)
    clocks: dict[int, Clock] = {}
    for record in log.read(_places(names.topic(CHANGELOG), partitions)):
        if record.key == CLOCK_KEY and record.value is not None:
            clocks[record.partition] = unpack(record.value, Clock)
    taken = sum(clock.ledger.get("new", 0) + clock.ledger.get("repeat", 0) for clock in clocks.values())
    return [] if taken == letters else [f"holders took {taken} of {letters} letters"]
