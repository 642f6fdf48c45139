"""Members inside a worker: stopping waits until everything is put away, and what fails is not kept quiet."""

import asyncio

import pytest

from streams.kafka.hosted import Hosted, Lasting


class Diary:
    """A member that takes its time to end, and notes what it did."""

    def __init__(self, *, seconds_to_end: float = 0.05, fails: bool = False) -> None:
        self.notes: list[str] = []
        self._stopping = asyncio.Event()
        self._seconds = seconds_to_end
        self._fails = fails

    async def run(self) -> None:
        self.notes.append("begun")
        if self._fails:
            raise LookupError("lost")
        await self._stopping.wait()
        await asyncio.sleep(self._seconds)
        self.notes.append("put away")

    def stop(self) -> None:
        self._stopping.set()


@pytest.mark.asyncio
async def test_stopping_waits_until_everything_is_put_away() -> None:
    diary = Diary()
    hosted = Hosted(diary)
    await hosted.start()
    await asyncio.sleep(0.01)
    await hosted.stop()
    assert diary.notes == ["begun", "put away"]


@pytest.mark.asyncio
async def test_one_that_is_stopped_at_once_ends_too() -> None:
    diary = Diary()
    hosted = Hosted(diary)
    await hosted.start()
    await asyncio.wait_for(hosted.stop(), 5)
    assert diary.notes in ([], ["begun", "put away"])


@pytest.mark.asyncio
async def test_a_member_that_fails_crashes_its_host() -> None:
    hosted = Hosted(Diary(fails=True))
    await hosted.start()
    await asyncio.sleep(0.05)
    assert isinstance(hosted.crash_reason, LookupError)
    await hosted.stop()


@pytest.mark.asyncio
async def test_what_lasts_is_cancelled_and_has_its_last_word() -> None:
    notes: list[str] = []

    async def lasting() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            notes.append("closed")

    member = Lasting(lasting)
    running = asyncio.create_task(member.run())
    await asyncio.sleep(0.01)
    member.stop()
    await running
    assert notes == ["closed"]


@pytest.mark.asyncio
async def test_what_should_last_and_fails_is_raised() -> None:
    async def failing() -> None:
        raise LookupError("port taken")

    with pytest.raises(LookupError):
        await Lasting(failing).run()
