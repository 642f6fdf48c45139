"""Read a partition's changelog to its end: the newest value of each piece of state.

Read committed and after the fence, so that the end is final: nobody but the new owner can write behind it.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from streams.kafka.broker import Broker
from streams.kafka.names import Place

POLL_MS: Final = 50
POLL_RECORDS_MAX: Final = 10_000


class Restored(msgspec.Struct, frozen=True):
    """The newest values by key, the offset after the last record, and how many records were read."""

    values: dict[bytes, bytes]
    end: int
    records: int


async def restore(broker: Broker, changelog: Place, progress: Callable[[int, int], None]) -> Restored:
    """Read everything. `progress` is told how many offsets of how many are behind. Raises `Away`."""
    reader = broker.reader([changelog])
    await reader.start()
    values: dict[bytes, bytes] = {}
    count = 0
    try:
        begin = (await reader.begins([changelog]))[changelog]
        end = (await reader.ends([changelog]))[changelog]
        # Offsets that hold no record (markers of transactions, what compaction removed) are passed over unseen.
        while (position := await reader.position(changelog)) < end:
            progress(position - begin, end - begin)
            for records in (await reader.poll(POLL_MS, POLL_RECORDS_MAX)).values():
                count += len(records)
                for record in records:
                    key = record.key or b""
                    if record.value is None:
                        values.pop(key, None)
                    else:
                        values[key] = record.value
        progress(end - begin, end - begin)
    finally:
        await reader.stop()
    return Restored(values, end, count)


async def is_unchanged(broker: Broker, changelog: Place, since: int) -> bool:
    """Tell whether nobody has written to the changelog from this offset on. Raises `Away`."""
    reader = broker.reader([changelog])
    await reader.start()
    try:
        end = (await reader.ends([changelog]))[changelog]
        if end > since:
            reader.seek(changelog, since)
        while end > since and await reader.position(changelog) < end:
            if any((await reader.poll(POLL_MS, 1)).values()):
                return False
    finally:
        await reader.stop()
    return True
