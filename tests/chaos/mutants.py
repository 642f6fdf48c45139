"""Mutants: the program with a bug each, and the faults that should bring it to light within a few rounds.

The bugs are those that the order of steps in the stitcher's `member.py` is there to prevent. Some wait between two
steps that the bug has torn apart, as a slow machine would.
"""

from pathlib import Path
from typing import Final

import msgspec

from tests.chaos.rounds import Script

EVENTS: Final = 4_000
PATIENCE_SECONDS: Final = 45.0
TRIALS_MAX: Final = 4
"""Rounds within which a mutant must be caught."""


class Mutant(msgspec.Struct, frozen=True):
    """A bug: in `file` the text `old`, there exactly once, becomes `new`; the faults of `recipe` bring it to light."""

    name: str
    file: str
    old: str
    new: str
    recipe: str
    seconds: float = 24.0
    workers: int = 2

    def script(self, seed: int) -> Script:
        """Give the round of one trial."""
        return Script(
            seed=seed,
            events=EVENTS,
            recipe=self.recipe,
            seconds=self.seconds,
            workers=self.workers,
            patience_seconds=PATIENCE_SECONDS,
        )

    def mutate(self, program: Path) -> None:
        """Make the change in a copy of the program. ValueError where the text it changes is not there exactly once."""
        path = program / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"mutant {self.name!r}: {self.file} has its text {text.count(self.old)} times")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


MUTANTS: Final = (
    Mutant(
        "the sink commits before it writes",
        "streams/kafka/warehouse/member.py",
        old="            self._in_hand = gathered\n",
        new="            self._in_hand = gathered\n            self._written |= gathered.positions\n",
        recipe="sink_deaths",
    ),
    Mutant(
        "the changelog is written outside the transaction",
        "streams/kafka/clients/producer.py",
        old="""\
                last = await _acknowledged(self._started, prepared)
                await self._started.send_offsets_to_transaction(
""",
        new="""\
                whole, topic = prepared.batches, "changelog"
                prepared.batches = [one for one in whole if one[0][0].endswith(topic)]
                last = await _acknowledged(self._started, prepared)
            await __import__("asyncio").sleep(0.3)
            async with self._started.transaction():
                prepared.batches = [one for one in whole if not one[0][0].endswith(topic)]
                await _acknowledged(self._started, prepared)
                await self._started.send_offsets_to_transaction(
""",
        recipe="kills",
    ),
    Mutant(
        "records are taken before the state is restored",
        "streams/kafka/stitcher/member.py",
        old="""\
                partition = await self._restored(number, producers[number])
""",
        new="""\
                from streams.kafka.stitcher.restore import Restored
                self.partitions[number] = stitcher_partition(self._shared, number, Restored({}, 0, 0))
                self.partitions[number].begin(
                    producers[number], self._shared.metrics.stitcher(number), self._inputs
                )
                consumer.resume([(self._evidence, number), (self._handoffs, number)])
                await asyncio.sleep(1.0)
                partition = await self._restored(number, producers[number])
""",
        recipe="comings_and_goings",
    ),
    Mutant(
        "a state that was kept is not compared with the changelog",
        "streams/kafka/stitcher/member.py",
        old="if parked is not None and await is_unchanged(self._broker, place, parked.changelog_at):",
        new="if parked is not None:",
        recipe="comings_and_goings",
    ),
    Mutant(
        "the committed offset is read before the fence",
        "streams/kafka/stitcher/member.py",
        old="""\
            for producer in producers.values():
                await producer.start()
                started.append(producer)
            places = [(topic, number) for number in numbers for topic in (self._evidence, self._handoffs)]
            committed = await consumer.committed(places)
            begins = await consumer.begins(places)
""",
        new="""\
            places = [(topic, number) for number in numbers for topic in (self._evidence, self._handoffs)]
            committed = await consumer.committed(places)
            begins = await consumer.begins(places)
            await asyncio.sleep(3.0)
            for producer in producers.values():
                await producer.start()
                started.append(producer)
""",
        recipe="lost_zombies",
        seconds=34.0,
    ),
)
