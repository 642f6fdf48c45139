"""State as a release left it: the changelog of one partition in the midst of a world, and what that world still holds.

`python -m tests.kafka.core.golden 2` makes `data/changelog-2.bin`, to be kept beside the older ones whenever the format
of the changelog changes: what an older release wrote must be read, or be refused by its version. Number 1 was made by
the release that brought workers on Kafka, 2026-11-22.
"""

import asyncio
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from schemas.formats import UPSERTS
from schemas.topics import CHANGELOG, EVIDENCE, TOPIC_OF_TABLE
from streams.generator.world import chapters, tiny_world
from streams.kafka.broker import Outgoing
from streams.kafka.loading import Loader
from streams.kafka.names import INSIDE, Names
from streams.settings_kafka import KafkaSettings, WorkerSettings
from tests.oracle.published import published
from tests.oracle.shape import Tables
from tests.simulation import clock
from tests.simulation.clients import LogBroker
from tests.simulation.crew import Breed, Plant, SimulatedWorker
from tests.simulation.judging import is_drained
from tests.simulation.link import Link, Weather
from tests.simulation.log import Log
from tests.simulation.worlds import AFTERWARDS_MS, loaded
from tests.support.engine import Shelf

FOLDER: Final = Path(__file__).parent / "data"
WORLD: Final = tiny_world(19)
NAMES: Final = Names.of(KafkaSettings(partitions=1))
PATIENCE_SECONDS: Final = 600.0
"""Of a clock that jumps."""
BEGINS_MS: Final = 1_900_000_000_000
Letter = tuple[bytes | None, bytes | None]


class Golden(msgspec.Struct, frozen=True):
    """What was kept: state, rows said until then, letters after, and the whole world as it was written."""

    changelog: list[Letter]
    said: list[bytes]
    letters: list[Letter]
    written: list[bytes]

    @classmethod
    def read(cls, path: Path) -> "Golden":
        return msgspec.msgpack.decode(zlib.decompress(path.read_bytes()), type=cls)


def goes_on(golden: Golden) -> Tables:
    """Let a worker of this release restore the state and take the letters: the tables in the end."""
    log = _new_log(golden.changelog, golden.letters)
    return clock.run(_gone_on(log, golden.said))


async def _gone_on(log: Log, said: Sequence[bytes]) -> Tables:
    await _worked(log)
    shelf = Shelf()
    shelf.publish([UPSERTS.decode(each) for each in (*said, *_rows_of(log))])
    return published(shelf.tables())


def make() -> Golden:
    """Run half a world, note everything, and then the other half."""
    return clock.run(_made())


async def _made() -> Golden:
    log = _new_log((), ())
    events = list(loaded(WORLD))
    half = len(events) // 2
    loader = Loader(LogBroker(log, _link(), 6.0), dict.fromkeys(NAMES.inputs, 1))
    await loader.load(events[:half])
    await _worked(log)
    state = {entry.key: entry.value for entry in log.read([(NAMES.topic(CHANGELOG), 0)])}
    said, read = _rows_of(log), log.partitions[NAMES.topic(EVIDENCE), 0].end
    await loader.load(events[half:])
    await loader.mark(loader.newest + AFTERWARDS_MS)
    await _worked(log)
    letters = [entry for entry in log.read([(NAMES.topic(EVIDENCE), 0)]) if entry.offset >= read]
    return Golden(
        changelog=[(key, value) for key, value in state.items() if value is not None],
        said=said,
        letters=[(entry.key, entry.value) for entry in letters],
        written=[msgspec.json.encode(one.event) for chapter in chapters(WORLD) for one in chapter.written],
    )


def _new_log(changelog: Sequence[Letter], letters: Sequence[Letter]) -> Log:
    topics = dict.fromkeys(NAMES.inputs, 1) | {NAMES.topic(topic): 1 for topic in INSIDE}
    log = Log(topics, Random(1), begins_ms=BEGINS_MS, timeout_seconds=6.0)
    kept: Mapping[str, Sequence[Letter]] = {NAMES.topic(CHANGELOG): changelog, NAMES.topic(EVIDENCE): letters}
    for topic, records in kept.items():
        for key, value in records:
            log.partitions[topic, 0].append((topic, 0), Outgoing(key, value), None, BEGINS_MS)
    return log


async def _worked(log: Log) -> None:
    """Let one worker read everything there is, and leave."""
    with tempfile.TemporaryDirectory() as folder:
        weather = Weather(Random(1))
        plant = Plant(log, weather, NAMES, 1, WorkerSettings(), Breed(), Path(folder))
        worker = SimulatedWorker(plant, "w")
        ends = -1
        async with asyncio.timeout(PATIENCE_SECONDS):
            while ends != (now := sum(each.end for each in log.partitions.values())) or not is_drained(log, NAMES, 1):
                if weather.bugs:
                    raise AssertionError(weather.bugs)
                ends = now
                await asyncio.sleep(3)
        await worker.leave()
        await worker.buried()


def _rows_of(log: Log) -> list[bytes]:
    """Give the newest row of each key, as bytes."""
    newest: dict[bytes | None, tuple[int, bytes]] = {}
    for topic in sorted({NAMES.topic(topic) for topic in TOPIC_OF_TABLE.values()}):
        for record in log.read([(topic, 0)]):
            value = record.value or b""
            revision = UPSERTS.decode(value).revision
            if revision >= newest.get(record.key, (0, b""))[0]:
                newest[record.key] = revision, value
    return [value for _, value in newest.values()]


def _link() -> Link:
    return Link("loader", Weather(Random(1)), lambda: None)


if __name__ == "__main__":
    (FOLDER / f"changelog-{sys.argv[1]}.bin").write_bytes(zlib.compress(msgspec.msgpack.encode(make()), 9))
