"""The door of a broker: open, everybody goes through; shut, one knocks for all."""

import asyncio

import pytest

from streams.kafka.clients.doors import PAUSE_SECONDS, Doors

pytestmark = pytest.mark.asyncio
NODE = 1


class House:
    """Somebody lives here, or nobody does; counts who comes to the door."""

    def __init__(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self.knocks = 0

    async def connect(self) -> str | None:
        self.knocks += 1
        await asyncio.sleep(0)
        return "in" if self.is_open else None


async def found_shut(doors: Doors, house: House) -> None:
    assert await doors.enter(NODE, house.connect) is None
    house.knocks = 0


async def test_at_an_open_door_nobody_waits_for_another() -> None:
    doors, house = Doors(), House(is_open=True)
    began = asyncio.get_running_loop().time()
    assert await asyncio.gather(*(doors.enter(NODE, house.connect) for _ in range(50))) == ["in"] * 50
    assert asyncio.get_running_loop().time() - began < PAUSE_SECONDS


async def test_at_a_shut_door_one_knocks_after_a_pause_and_all_take_the_answer() -> None:
    doors, house = Doors(), House(is_open=False)
    await found_shut(doors, house)
    began = asyncio.get_running_loop().time()
    assert await asyncio.gather(*(doors.enter(NODE, house.connect) for _ in range(50))) == [None] * 50
    assert asyncio.get_running_loop().time() - began >= PAUSE_SECONDS * 0.9
    assert house.knocks == 1


async def test_once_it_opens_all_who_wait_go_in() -> None:
    doors, house = Doors(), House(is_open=False)
    await found_shut(doors, house)
    house.is_open = True
    assert await asyncio.gather(*(doors.enter(NODE, house.connect) for _ in range(50))) == ["in"] * 50
    assert await doors.enter(NODE, house.connect) == "in"


async def test_where_the_one_who_knocks_is_called_off_another_does() -> None:
    doors, house = Doors(), House(is_open=False)
    await found_shut(doors, house)
    house.is_open = True
    first, second = (asyncio.create_task(doors.enter(NODE, house.connect)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is None
    assert await doors.enter(NODE, house.connect) == "in"
    assert house.knocks == 1


async def test_each_broker_has_a_door_of_its_own() -> None:
    doors, house, other = Doors(), House(is_open=False), House(is_open=True)
    await found_shut(doors, house)
    waits = asyncio.create_task(doors.enter(NODE, house.connect))
    await asyncio.sleep(0)
    assert await doors.enter(2, other.connect) == "in"
    assert not waits.done()
    assert await waits is None
