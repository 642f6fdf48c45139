"""A place in a group: paused, opened, resumed between polls, given up before it goes, joined anew after a failure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from streams.kafka.broker import Away, Consumer, Record
from streams.kafka.membership import Membership
from streams.kafka.names import Names, Place
from streams.kafka.operation.metrics import Metrics
from tests.kafka.warehouse.fake_log import FakeConsumer, FakeLog

pytestmark = pytest.mark.asyncio
P0, P1 = ("s.touchpoints", 0), ("s.touchpoints", 1)


class Role:
    """Opens as fast as it is let, and tells in which order things happen to it."""

    def __init__(self) -> None:
        self.log = FakeLog(P0, P1)
        self.membership = Membership(
            self.log,  # type: ignore[arg-type]
            Names("shop", "s.", ()),
            "warehouse",
            ("s.touchpoints",),
            Metrics(),
            opening=self.open,
            giving_up=self.give_up,
        )
        self.may_open = asyncio.Event()
        self.failures: list[Exception] = []
        self.told: list[str] = []
        self.task = asyncio.create_task(self.membership.run(self.join))

    @property
    def consumer(self) -> FakeConsumer:
        assert self.log.consumer is not None
        return self.log.consumer

    async def join(self) -> None:
        async with self.membership.joined() as consumer:
            self.told.append("joined")
            while self.membership.goes_on:
                self.membership.resume(consumer)
                await consumer.poll(10, 1)

    async def open(self, consumer: Consumer, places: frozenset[Place]) -> None:
        self.told.append(f"opening {len(places)}")
        try:
            await self.may_open.wait()
        except asyncio.CancelledError:
            self.told.append("called off")
            raise
        if self.failures:
            raise self.failures.pop()
        self.membership.ready += places
        self.told.append(f"opened {len(places)}")

    async def give_up(self, consumer: Consumer) -> None:
        self.told.append("gave up")

    async def until(self, word: str) -> None:
        await until(lambda: word in self.told)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - nobody tells when it does
            await asyncio.sleep(0)


@asynccontextmanager
async def played() -> AsyncIterator[Role]:
    role = Role()
    await role.until("joined")
    try:
        yield role
    finally:
        role.membership.stopping.set()
        await asyncio.wait((role.task,))


async def test_what_is_assigned_is_paused_until_it_is_opened_and_resumed_before_the_next_poll() -> None:
    async with played() as role:
        assert role.consumer.paused == {P0, P1}
        role.may_open.set()
        await role.until("opened 2")
        assert role.consumer.paused == {P0, P1}
        polls = role.consumer.polls
        await until(lambda: role.consumer.polls > polls)
        assert role.consumer.paused == set()


async def test_what_is_not_open_yet_is_called_off_before_it_is_given_up() -> None:
    async with played() as role:
        await role.until("opening 2")
        await role.consumer.rebalance({P0})
        role.may_open.set()
        await role.until("opened 1")
    assert role.told == ["joined", "opening 2", "called off", "gave up", "opening 1", "opened 1", "gave up"]


async def test_what_was_opened_but_not_resumed_is_not_resumed_once_it_is_gone() -> None:
    async with played() as role:
        role.membership.ready = [P0]
        await role.consumer.rebalance({P0})
        assert role.membership.ready == []


async def test_nothing_is_given_up_in_somebody_elses_turn_but_what_is_polled_then_is_of_an_epoch_that_is_over() -> None:
    async with played() as role:
        async with role.membership.turn:
            epoch = role.membership.epoch
            rebalance = asyncio.create_task(role.consumer.rebalance({P0}))
            await asyncio.sleep(0.01)
            assert "gave up" not in role.told
            assert role.membership.epoch != epoch
        await rebalance
        assert "gave up" in role.told


async def test_an_assignment_of_nothing_opens_nothing_that_could_end_after_what_comes_next() -> None:
    async with played() as role:
        await role.consumer.rebalance(())
        await asyncio.sleep(0.01)
        await role.consumer.rebalance({P0})
        role.may_open.set()
        await role.until("opened 1")
        await asyncio.sleep(0.01)
    assert "opening 0" not in role.told


async def test_where_opening_fails_everything_is_given_up_and_the_group_joined_anew() -> None:
    async with played() as role:
        role.failures.append(Away("for now"))
        role.may_open.set()
        first = role.consumer
        await role.until("opened 2")
        assert first.is_stopped
        assert role.consumer is not first
        assert role.told == ["joined", "opening 2", "gave up", "joined", "opening 2", "opened 2"]


async def test_whoever_has_left_is_told_of_assignments_in_vain() -> None:
    async with played() as role:
        await role.consumer.rebalance({P0})
    told = list(role.told)
    await role.consumer.rebalance({P0, P1})
    assert role.told == told


async def test_what_is_not_the_brokers_doing_is_raised_once_all_is_given_up() -> None:
    async with played() as role:
        role.membership.fail(ValueError("a bug"))
        role.membership.fail(Away("what came of it"))
        with pytest.raises(ValueError, match="a bug"):
            await asyncio.wait_for(role.task, 5)
        assert role.told[-1] == "gave up"
        assert role.consumer.is_stopped


class Rebalancing:
    """A consumer whose group never finds itself: polling waits until that is over."""

    async def poll(self, timeout_ms: int, records_max: int) -> dict[Place, list[Record]]:
        await asyncio.Event().wait()
        return {}


async def test_who_is_to_stop_while_the_group_finds_itself_anew_does_not_wait_for_it() -> None:
    async with played() as role:
        role.membership.stopping.set()
        async with asyncio.timeout(5):
            with pytest.raises(Away):
                await role.membership.poll(Rebalancing(), 10, 1)  # type: ignore[arg-type]
