"""Drivers that are wrong in one thing, which somebody may find superfluous. The simulation must tell every one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from schemas.rows import RowKey, Table, Upsert
from schemas.topics import CHANGELOG
from streams.identity.rules import HOUR_MS
from streams.kafka.broker import Blocking, Broker, Consumer, Position, Prepared, Producer, Rebalanced
from streams.kafka.intake.member import IntakeMember, Intaking
from streams.kafka.membership import Membership
from streams.kafka.names import Place
from streams.kafka.stitcher.checkpoint import Checkpoint
from streams.kafka.stitcher.floors import Floors
from streams.kafka.stitcher.member import StitcherMember
from streams.kafka.stitcher.partition import Partition
from streams.kafka.stitcher.restore import Restored
from streams.kafka.stitcher.shared import Stitching, stitcher_partition
from streams.processor import Emit
from tests.simulation.clients import LogBroker, Member, Parcel, Writing
from tests.simulation.crew import SESSION_SECONDS, Breed
from tests.simulation.log import Entry
from tests.simulation.reading import Reading


class _ChangelogApart(Writing):
    async def commit(self, prepared: Prepared, positions: Mapping[Place, int], group: str) -> dict[Place, int]:
        assert isinstance(prepared, Parcel)
        apart = {place: of_place for place, of_place in prepared.by_place.items() if place[0].endswith(CHANGELOG.name)}
        rest = {place: of_place for place, of_place in prepared.by_place.items() if place not in apart}
        last = await Writing(self._log, self._link, None).send(Parcel(apart))
        return last | await super().commit(Parcel(rest), positions, group)


class _ChangelogApartBroker(LogBroker):
    def producer(self, transactional_id: str | None = None) -> Producer:
        return _ChangelogApart(self.log, self.link, transactional_id)


class _Unfenced(Writing):
    async def start(self) -> None:
        if (name := self._name) is not None:
            self._epoch = await self._patiently(lambda: self._log.share(name))


class _UnfencedBroker(LogBroker):
    def producer(self, transactional_id: str | None = None) -> Producer:
        return _Unfenced(self.log, self.link, transactional_id)


class _Restless(Member):
    def pause(self, places: Iterable[Place]) -> None:
        """Let records come."""


class _Seated:
    """A consumer that stays where it is."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    def seek(self, place: Place, offset: int) -> None:
        """Stay."""


class _SeeksFirst(StitcherMember):
    async def _open(self, consumer: Consumer, numbers: Sequence[int]) -> None:
        places = [(topic, number) for number in numbers for topic in (self._evidence, self._handoffs)]
        committed = await consumer.committed(places)
        for place in places:
            consumer.seek(place, committed[place].offset if place in committed else 0)
        await super()._open(cast("Consumer", _Seated(consumer)), numbers)


class _AtJoin(Member):
    async def committed(self, places: Iterable[Place]) -> dict[Place, Position]:
        await self._link.linger()
        return {place: self.joined_at[place] for place in places if place in self.joined_at}


def _member_of(kind: type[Member], group_of: str) -> type[LogBroker]:
    class _Broker(LogBroker):
        def member(self, group: str, topics: Sequence[str], assigned: Rebalanced, revoked: Rebalanced) -> Consumer:
            made = kind if group.endswith(group_of) else Member
            return made(self.log, self.link, group, topics, (assigned, revoked), SESSION_SECONDS)

    return _Broker


class _Uncommitted(Reading):
    def _visible(self, place: Place, position: int, limit: int) -> tuple[list[Entry], int]:
        return self._log.partitions[place].fetch_uncommitted(position, limit)


class _UncommittedBroker(LogBroker):
    def reader(self, places: Iterable[Place]) -> Consumer:
        return _Uncommitted(self.log, self.link, places)


class _Trusting(StitcherMember):
    async def _restored(self, number: int, producer: Producer) -> Partition:
        parked = self._parked.pop(number, None)
        if parked is None:
            return await super()._restored(number, producer)
        parked.begin(producer, self._shared.metrics.stitcher(number), self._inputs)
        return parked


class _Hasty(IntakeMember):
    async def _sent(self) -> None:
        """Wait for nothing: what was sent will arrive."""
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.add_done_callback(lambda done: done.cancelled() or done.exception())


class _Ageless(Membership):
    epoch = property(lambda _: 0, lambda _, __: None)


class _Gullible(IntakeMember):
    def __init__(self, broker: Broker, shared: Intaking, blocking: Blocking) -> None:
        super().__init__(broker, shared, blocking)
        self._membership.__class__ = _Ageless


class _EarlyIntake(IntakeMember):
    """Resumes as soon as it has opened, in the midst of a poll."""

    async def _open(self, consumer: Consumer, places: frozenset[Place]) -> None:
        await super()._open(consumer, places)
        consumer.resume(self._membership.ready)


class _EarlyStitcher(StitcherMember):
    async def _open(self, consumer: Consumer, numbers: Sequence[int]) -> None:
        await super()._open(consumer, numbers)
        consumer.resume(self._membership.ready)


class _LastWord(Checkpoint):
    def add(self, emit: Emit) -> None:
        words: dict[tuple[Table, RowKey], Upsert] = {(each.table, each.key): each for each in emit.upserts}
        super().add(emit)
        self.upserts |= words


class _LastWordPartition(Partition):
    @property
    def _pending(self) -> Checkpoint:
        return self._last_word

    @_pending.setter
    def _pending(self, _: Checkpoint) -> None:
        self._last_word = _LastWord()


class _OwnFloor(Floors):
    """Forgets by one's own log time."""

    _own = 0

    def hear(self, progress: object) -> None:
        """Nobody else counts."""

    def tell(self, log_time: int) -> None:
        self._own = log_time // HOUR_MS * HOUR_MS

    @property
    def floor(self) -> int:
        return self._own


def _remade(shared: Stitching, number: int, found: Restored) -> Partition:
    """Make the partition of a shipped worker, but for its checkpoints."""
    made = stitcher_partition(shared, number, found)
    return _LastWordPartition(
        made.stitcher,
        made.floors,
        names=shared.names,
        partitions=shared.partitions,
        settings=shared.settings,
        changelog_at=made.changelog_at,
    )


def _careless(shared: Stitching, number: int, found: Restored) -> Partition:
    made = stitcher_partition(shared, number, found)
    made.floors = _OwnFloor(number, shared.partitions)
    return made


class Mutant(msgspec.Struct, frozen=True):
    """A driver, and what is wrong with it. `likely` is a seed that told it once, and is asked first."""

    name: str
    breed: Breed
    likely: int = 0


MUTANTS: Final = (
    Mutant("the changelog is written outside the transaction", Breed(broker=_ChangelogApartBroker), likely=1),
    Mutant("a new owner fences nobody", Breed(broker=_UnfencedBroker), likely=14),
    Mutant(
        "the stitcher pauses nothing while it restores",
        Breed(broker=_member_of(_Restless, "stitcher"), stitcher=_SeeksFirst),
    ),
    Mutant(
        "intake pauses nothing before it knows where to begin", Breed(broker=_member_of(_Restless, "intake")), likely=0
    ),
    Mutant("read on from the position chosen when joining", Breed(broker=_member_of(_AtJoin, "stitcher")), likely=6),
    Mutant("the changelog is restored with what was not committed", Breed(broker=_UncommittedBroker), likely=9),
    Mutant("a parked partition is kept without asking who wrote since", Breed(stitcher=_Trusting), likely=1),
    Mutant("intake commits offsets before evidence is acknowledged", Breed(intake=_Hasty), likely=12),
    Mutant("of two words on a row the last said is kept", Breed(new_partition=_remade), likely=33),
    Mutant("the floor is one's own log time", Breed(new_partition=_careless), likely=0),
    Mutant("a batch polled under an old assignment is taken", Breed(intake=_Gullible), likely=3),
    Mutant("intake resumes in the midst of a poll", Breed(intake=_EarlyIntake), likely=0),
    Mutant("the stitcher resumes in the midst of a poll", Breed(stitcher=_EarlyStitcher), likely=36),
)
