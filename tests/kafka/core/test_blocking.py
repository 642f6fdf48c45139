"""Work beside the loop: what computes is done in turn, and what waits for somebody outside holds nobody up."""

import asyncio
import subprocess
import sys
import threading

import pytest

from streams.kafka.blocking import computing, waiting

NEVER_ANSWERED = """
import asyncio, threading
from streams.kafka.blocking import waiting

async def main():
    asked = asyncio.create_task(waiting("test")(threading.Event().wait))
    await asyncio.sleep(0.01)
    asked.cancel()

asyncio.run(main())
print("ended")
"""


@pytest.mark.asyncio
async def test_what_computes_is_done_one_piece_at_a_time_while_the_loop_turns() -> None:
    run = computing("test")
    at_once, most, turns = 0, 0, 0
    lock = threading.Lock()
    done = threading.Event()

    def work() -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        done.wait(0.05)
        with lock:
            at_once -= 1
        return threading.current_thread().name

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    turning = asyncio.create_task(turn())
    names = await asyncio.gather(*(run(work) for _ in range(4)))
    turning.cancel()
    assert most == 1
    assert turns > 10
    assert {name.startswith("test") for name in names} == {True}


@pytest.mark.asyncio
async def test_what_waits_gives_its_answer_or_raises_what_went_wrong() -> None:
    run = waiting("test")
    assert await run(lambda: threading.current_thread().name) == "test"
    with pytest.raises(LookupError, match="away"):
        await run(lambda: _fail(LookupError("away")))
    with pytest.raises(SystemExit):
        await run(lambda: _fail(SystemExit("enough")))


@pytest.mark.asyncio
async def test_what_waits_does_not_wait_for_another_piece() -> None:
    run, called = waiting("test"), threading.Event()
    first = asyncio.create_task(run(lambda: called.wait(10)))
    await run(called.set)
    assert await first


@pytest.mark.asyncio
async def test_an_answer_to_somebody_who_went_away_is_dropped() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    run, called, ended = waiting("test"), threading.Event(), threading.Event()

    def late() -> None:
        called.wait(10)
        ended.set()

    gone = asyncio.create_task(run(late))
    await asyncio.sleep(0.01)
    gone.cancel()
    called.set()
    assert await run(lambda: ended.wait(10))
    await asyncio.sleep(0.01)
    assert gone.cancelled()
    assert complaints == []


def test_an_answer_that_never_comes_keeps_no_process_from_ending() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NEVER_ANSWERED], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")


def _fail(error: BaseException) -> None:
    raise error
