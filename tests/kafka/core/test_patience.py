"""Waiting for what may never come, once nobody wants it any more."""

import asyncio

import pytest

from streams.kafka.broker import Away
from streams.kafka.clients.patience import Farewells, while_wanted

pytestmark = pytest.mark.asyncio


async def test_what_is_wanted_is_waited_for_however_long_it_takes():
    async def slow() -> int:
        await asyncio.sleep(0.6)
        return 7

    assert await while_wanted(asyncio.create_task(slow()), lambda: False, 0.1) == 7


async def test_what_is_unwanted_is_waited_for_a_while_and_then_given_up():
    task = asyncio.create_task(asyncio.sleep(60))
    with pytest.raises(Away, match=r"no answer within 0\.4 s"):
        await while_wanted(task, lambda: True, 0.4)
    await asyncio.wait((task,))
    assert task.cancelled()


async def test_what_goes_wrong_is_told():
    async def fails() -> None:
        raise Away("gone")

    with pytest.raises(Away, match="gone"):
        await while_wanted(asyncio.create_task(fails()), lambda: False, 1.0)


async def test_a_stop_is_left_to_finish_and_not_cut_off() -> None:
    answer, farewells, ended = asyncio.Event(), Farewells(), list[str]()

    async def stop() -> None:
        await answer.wait()
        ended.append("put away")

    await farewells.wait(0.05, stop())
    assert ended == []
    answer.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ended == ["put away"]


async def test_what_goes_wrong_in_a_stop_is_nobodys_business() -> None:
    async def stop() -> None:
        raise Away("gone")

    await Farewells().wait(1.0, stop())
