"""How much is sent and kept for the same events: messages, rows and bytes."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from benchmarks.stages import Batch, Changelog, PartitionedKey, deliver, new_cluster
from schemas.evidence import Message
from schemas.identifiers import NOBODY
from schemas.rows import Upsert
from streams.local.cluster import Cluster

_encode = msgspec.msgpack.Encoder().encode
_IDENT_BYTES = 17


class Sizes(msgspec.Struct, frozen=True):
    """Per event of the input, but for `bytes_per_person`: what the changelog holds at the end for each person."""

    input_bytes: float
    evidence_messages: float
    evidence_bytes: float
    handoff_messages: float
    handoff_bytes: float
    changelog_records: float
    changelog_bytes: float
    rows_out: float
    rows_by_table: dict[str, float]
    people: int
    touchpoints_per_person: float
    bytes_per_person: float

    @property
    def messages(self) -> float:
        """Evidence and hand-offs."""
        return self.evidence_messages + self.handoff_messages


def sizes_of(lines: Sequence[bytes], batches: Sequence[Batch]) -> Sizes:
    """Run the stitchers once more and count; not timed."""
    events = len(lines)
    evidence = [letter.message for batch in batches for letter in batch.letters]
    handed: list[Message] = []
    rows: list[Upsert] = [upsert for batch in batches for upsert in batch.upserts]
    changelog = Changelog()
    cluster = new_cluster(
        rows.extend, changelog.log, lambda letters: handed.extend(letter.message for letter in letters)
    )
    for batch in batches:
        deliver(cluster, batch)
    tables = Counter(upsert.table.value for upsert in rows)
    people, touchpoints = _people_of(cluster)
    return Sizes(
        input_bytes=sum(map(len, lines)) / events,
        evidence_messages=len(evidence) / events,
        evidence_bytes=_bytes_of(evidence) / events,
        handoff_messages=len(handed) / events,
        handoff_bytes=_bytes_of(handed) / events,
        changelog_records=changelog.records / events,
        changelog_bytes=changelog.bytes_written / events,
        rows_out=len(rows) / events,
        rows_by_table={table: round(count / events, 3) for table, count in sorted(tables.items())},
        people=people,
        touchpoints_per_person=touchpoints / people,
        bytes_per_person=_kept_by_holders(changelog.values) / people,
    )


def _bytes_of(messages: Iterable[Message]) -> int:
    """Encoded as on the internal topics, the identifier as key beside."""
    return sum(len(_encode(message)) + _IDENT_BYTES for message in messages)


def _people_of(cluster: Cluster) -> tuple[int, int]:
    """People with touchpoints, and how many touchpoints they have."""
    people = {
        person
        for stitcher in cluster.stitchers
        for household in stitcher.households.values()
        for person in household.people()
    }
    placed = (
        placement.person
        for stitcher in cluster.stitchers
        for household in stitcher.households.values()
        for placement in household.placed.values()
    )
    return len(people), sum(person != NOBODY for person in placed)


def _kept_by_holders(values: dict[PartitionedKey, bytes]) -> int:
    """Keys and values of holders; cells of aggregates and the clock belong to no person."""
    return sum(len(key) + len(value) for (_, key), value in values.items() if not key.startswith(b"\x00"))
