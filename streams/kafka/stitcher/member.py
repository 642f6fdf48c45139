"""The stitcher's place in its group: partitions come and go, are restored, take records and commit.

At assignment, in this order, and every step was found necessary on a real broker: pause (else records arrive before
the state); fence, by starting the transactional producer; restore the changelog; read the committed offset, after the
fence; seek; resume. A partition that comes back before anybody else wrote for it goes on with what it has.

A transaction that fails ends the membership: everything not committed is dropped, and the group joined anew. Nobody
fences back in place, or two owners would take turns fencing each other.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from schemas.topics import CHANGELOG, EVIDENCE, HANDOFFS
from streams.kafka.broker import Away, Blocking, Broker, BrokerError, Consumer, Lost, Producer, Record
from streams.kafka.clients.patience import within
from streams.kafka.membership import Membership
from streams.kafka.names import Place
from streams.kafka.operation.logs import Log
from streams.kafka.stitcher.partition import Inputs, Partition, take_and_settle
from streams.kafka.stitcher.restore import is_unchanged, restore
from streams.kafka.stitcher.shared import Stitching, stitcher_partition

POLL_MS: Final = 50
PUT_AWAY_SECONDS: Final = 5.0
"""How long giving back may wait for the broker; what it does not take is read again by the next owner."""
log = Log(__name__)


class StitcherMember:
    """One worker's membership in the stitcher's group; `run` goes on until `stop`.

    `blocking` runs what takes the processor for long, one at a time.
    """

    def __init__(self, broker: Broker, shared: Stitching, blocking: Blocking) -> None:
        self._broker = broker
        self._shared = shared
        self._blocking = blocking
        names = shared.names
        self._evidence, self._handoffs = names.topic(EVIDENCE), names.topic(HANDOFFS)
        self._changelog = names.topic(CHANGELOG)
        topics = (self._evidence, self._handoffs)
        self._membership = Membership(
            broker, names, "stitcher", topics, shared.metrics, opening=self._assigned, giving_up=self._give_up
        )
        self._inputs = Inputs()
        self._parked: dict[int, Partition] = {}
        self._dropped: list[Partition] = []
        self._commits: dict[int, asyncio.Task[None]] = {}
        self.partitions: dict[int, Partition] = {}

    async def run(self) -> None:
        """Be a member until stopped. Only what is our own bug, or another release's record, is raised."""
        await self._membership.run(self._join)

    def stop(self) -> None:
        """Commit what waits, leave, and let `run` return."""
        self._membership.stopping.set()

    async def _join(self) -> None:
        loop = asyncio.get_running_loop()
        self._inputs = await self._input_places()
        async with self._membership.joined() as consumer:
            while self._membership.goes_on:
                await self._round(consumer, loop)

    async def _round(self, consumer: Consumer, loop: asyncio.AbstractEventLoop) -> None:
        """Poll once, take what came, and begin the commits that are due."""
        epoch = self._membership.resume(consumer)
        polled = await self._membership.poll(consumer, POLL_MS, self._shared.settings.poll_records_max)
        async with self._membership.turn:
            if epoch != self._membership.epoch:
                return  # polled under an assignment that is over: whoever has the partition now reads it again
            work = self._by_partition(polled)
            for partition, _ in work:
                partition.counts.waiting_since = partition.counts.waiting_since or self._shared.metrics.clock_ms()
            free = [p for number, p in self.partitions.items() if number not in self._commits]
            settling = list(self.partitions.values())
            due = await self._blocking(lambda: take_and_settle(work, settling, free, loop.time))
            for partition in due:
                self._begin_commit(partition)
        full = [self._commits[n] for n, p in self.partitions.items() if p.is_full and n in self._commits]
        if full:
            await asyncio.wait(full)

    def _by_partition(
        self, polled: Mapping[Place, Sequence[Record]]
    ) -> list[tuple[Partition, dict[Place, Sequence[Record]]]]:
        work: dict[int, dict[Place, Sequence[Record]]] = {}
        for place, records in polled.items():
            if place[1] in self.partitions and records:
                work.setdefault(place[1], {})[place] = records
        return [(self.partitions[number], of_partition) for number, of_partition in work.items()]

    def _begin_commit(self, partition: Partition) -> None:
        number = partition.number
        task = asyncio.create_task(self._commit(partition))
        self._commits[number] = task
        task.add_done_callback(lambda done: self._committed(number, done))

    async def _commit(self, partition: Partition) -> None:
        begun = asyncio.get_running_loop().time()
        with self._shared.metrics.spans("checkpoint", partition=partition.number):
            await partition.commit(self._membership.group, (self._changelog, partition.number))
        partition.counts.checkpoint_seconds.observe(asyncio.get_running_loop().time() - begun)

    def _committed(self, number: int, task: "asyncio.Task[None]") -> None:
        if self._commits.get(number) is task:
            del self._commits[number]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(number, error)

    def _fail(self, number: int, error: BaseException) -> None:
        """Note what went wrong, and drop the partition: what it holds in memory is not what was committed."""
        dropped = self.partitions.pop(number, None)
        if dropped is not None:
            self._dropped.append(dropped)
        self._membership.fail(error)

    # --- assignment

    def _assigned(self, consumer: Consumer, places: frozenset[Place]) -> Coroutine[Any, Any, None]:
        """Count at once what is to be restored, or this worker would pass for ready; a number is one of each topic."""
        numbers = sorted({number for _, number in places})
        for number in numbers:
            self._shared.metrics.stitcher(number)
        self._membership.counts.partitions = len(numbers)
        return self._open(consumer, numbers)

    async def _open(self, consumer: Consumer, numbers: Sequence[int]) -> None:
        """Fence all, then restore one after the other; each reads on as soon as it is ready.

        Where the next rebalance comes in between, what is not open yet stays closed.
        """
        producers = {number: self._broker.producer(self._shared.names.transaction(number)) for number in numbers}
        started: list[Producer] = []
        try:
            for producer in producers.values():
                await producer.start()
                started.append(producer)
            places = [(topic, number) for number in numbers for topic in (self._evidence, self._handoffs)]
            committed = await consumer.committed(places)
            begins = await consumer.begins(places)
            for number in numbers:
                partition = await self._restored(number, producers[number])
                for topic in (self._evidence, self._handoffs):
                    place = (topic, number)
                    consumer.seek(place, committed[place].offset if place in committed else begins[place])
                self.partitions[number] = partition
                started.remove(producers[number])
                self._membership.ready += [(self._evidence, number), (self._handoffs, number)]
        except Lost:
            log.info("stitcher_reassigned_while_opening")
        finally:
            for producer in started:
                await producer.stop()

    async def _restored(self, number: int, producer: Producer) -> Partition:
        parked = self._parked.pop(number, None)
        place, counts = (self._changelog, number), self._shared.metrics.stitcher(number)
        if parked is not None and await is_unchanged(self._broker, place, parked.changelog_at):
            parked.begin(producer, counts, self._inputs)
            log.info("partition_kept", partition=number)
            return parked
        begun = self._shared.metrics.clock_ms()
        found = await restore(self._broker, place, counts.restoring)
        build = self._shared.new_partition or stitcher_partition
        partition = await self._blocking(lambda: build(self._shared, number, found))
        partition.begin(producer, counts, self._inputs)
        seconds = counts.restore_seconds = (self._shared.metrics.clock_ms() - begun) / 1000
        log.info("partition_restored", partition=number, records=found.records, seconds=seconds)
        return partition

    async def _give_up(self, _: Consumer) -> None:
        """End every ownership: commit what waits, let go of the fences, park what is whole in case it comes back."""
        partitions, self.partitions = self.partitions, {}
        dropped, self._dropped = self._dropped, []
        await asyncio.gather(*(self._close(each) for each in partitions.values()), *(each.end() for each in dropped))

    async def _close(self, partition: Partition) -> None:
        number = partition.number
        try:
            await within(PUT_AWAY_SECONDS, self._finish(partition))
            self._parked[number] = partition
        except BrokerError as error:
            self._membership.fail(error)
        finally:
            self._shared.metrics.forget_stitcher(number)
            await partition.end()

    async def _finish(self, partition: Partition) -> None:
        """Wait for the checkpoint that is under way, and commit what is left."""
        if (running := self._commits.pop(partition.number, None)) is not None:
            await running
        if await self._blocking(partition.prepare):
            await self._commit(partition)

    async def _input_places(self) -> Inputs:
        counts = await self._broker.partitions(self._shared.names.inputs)
        if missing := [topic for topic, count in counts.items() if not count]:
            raise Away(f"no such topic: {', '.join(missing)}")
        named = {topic: [f"{topic}-{number}" for number in range(count)] for topic, count in counts.items()}
        excepted = frozenset(chain.from_iterable(named.pop(topic, ()) for topic in self._shared.excepted))
        if excepted:
            log.warning("inputs_excepted", topics=", ".join(sorted(self._shared.excepted)))
        return Inputs(tuple(chain.from_iterable(named.values())), excepted)
