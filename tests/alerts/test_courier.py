"""A courier comes again, knocks seldom where nobody answers, and gives up at last."""

import asyncio
from random import Random

import pytest

from sinks.alerts.courier import BACKOFF_MS_MAX, TICKETS_MAX, Courier
from sinks.alerts.destination import Message, Outage, Refused

HOUR = 3_600_000


class Door:
    """A destination that does as it is told: `away`, or refusing some messages."""

    name = "door"

    def __init__(self) -> None:
        self.away = False
        self.refuses: set[str] = set()
        self.knocks: list[str] = []
        self.taken: list[str] = []

    async def deliver(self, message: Message) -> None:
        self.knocks.append(message.id)
        if self.away:
            raise Outage("away")
        if message.id in self.refuses:
            raise Refused("no")
        self.taken.append(message.id)


class Clock:
    ms = 0


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def courier(door: Door, clock: Clock) -> Courier:
    return Courier(door, retry_ms=24 * HOUR, now=lambda: clock.ms, random=Random(7))


def letters(*names: str) -> list[Message]:
    """Messages whose subject is what stands before the dot."""
    return [Message(name, name.partition(".")[0], b"{}") for name in names]


def rounds(courier: Courier, clock: Clock, until_ms: int) -> list[str]:
    """Work until a time; the errors of what was finished."""
    done = []
    while clock.ms <= until_ms:
        done += [each.error for each in asyncio.run(courier.work())]
        pause = courier.pause_ms()
        if pause is None:
            break
        clock.ms += max(pause, 1)
    return done


def test_messages_arrive_in_the_order_of_their_subject(courier: Courier, door: Door, clock: Clock):
    for message in letters("a.1", "a.2", "b.1", "a.3"):
        courier.add(message, 0)
    assert rounds(courier, clock, 0) == ["", ""]
    assert door.taken == ["a.1", "b.1"]
    assert rounds(courier, clock, 10) == ["", ""]
    assert door.taken == ["a.1", "b.1", "a.2", "a.3"]


def test_the_same_message_twice_is_one(courier: Courier, door: Door, clock: Clock):
    for message in letters("a.1", "a.1"):
        courier.add(message, 0)
    rounds(courier, clock, 10)
    assert door.taken == ["a.1"]


def test_who_is_away_is_asked_by_one_message_at_a_time_and_ever_more_seldom(courier: Courier, door: Door, clock: Clock):
    door.away = True
    for message in letters(*(f"m{number}" for number in range(100))):
        courier.add(message, 0)
    rounds(courier, clock, HOUR)
    first = len(door.knocks)
    assert first < 8 + 20
    rounds(courier, clock, 2 * HOUR)
    assert HOUR // BACKOFF_MS_MAX <= len(door.knocks) - first <= 2 * HOUR // BACKOFF_MS_MAX


def test_when_it_is_back_everything_arrives(courier: Courier, door: Door, clock: Clock):
    door.away = True
    for message in letters(*(f"m{number}" for number in range(100))):
        courier.add(message, 0)
    rounds(courier, clock, HOUR)
    assert courier.is_turned_away
    door.away = False
    done = rounds(courier, clock, clock.ms + 2 * BACKOFF_MS_MAX)
    assert (len(done), set(done), courier.waiting) == (100, {""}, 0)
    assert not courier.is_turned_away


def test_after_a_day_a_message_is_undeliverable_and_says_why(courier: Courier, door: Door, clock: Clock):
    door.away = True
    for message in letters("a.1", "a.2"):
        courier.add(message, 0)
    assert rounds(courier, clock, 24 * HOUR - BACKOFF_MS_MAX) == []
    assert rounds(courier, clock, 25 * HOUR) == ["away", "away"]
    assert courier.waiting == 0


def test_an_old_message_is_tried_before_it_is_given_up(courier: Courier, door: Door, clock: Clock):
    clock.ms = 100 * HOUR
    courier.add(letters("a.1")[0], 0)
    assert rounds(courier, clock, clock.ms + 1) == [""]


def test_a_message_that_is_refused_steps_aside(courier: Courier, door: Door, clock: Clock):
    door.refuses = {"a.1"}
    for message in letters("a.1", "b.1", "c.1"):
        courier.add(message, 0)
    assert rounds(courier, clock, 0) == ["", ""]
    assert (courier.waiting, courier.is_turned_away) == (1, False)
    assert [each.error for each in courier.troubles()] == ["no"]
    assert rounds(courier, clock, 25 * HOUR) == ["no"]


def test_a_message_that_alone_brings_a_receiver_down_does_not_hold_up_others(door: Door, clock: Clock):
    class Fragile(Door):
        async def deliver(self, message: Message) -> None:
            if message.id == "bad":
                raise Outage("answered 500")
            await super().deliver(message)

    fragile = Fragile()
    courier = Courier(fragile, retry_ms=24 * HOUR, now=lambda: clock.ms, random=Random(7))
    for message in letters("bad", *(f"m{number}" for number in range(50))):
        courier.add(message, 0)
    rounds(courier, clock, 600_000)
    assert len(fragile.taken) == 50


def test_it_holds_so_many_at_once_and_says_when_it_is_full(courier: Courier):
    for message in letters(*(f"m{number}" for number in range(TICKETS_MAX))):
        assert not courier.is_full
        courier.add(message, 0)
    assert courier.is_full
