"""A second process: started again when it dies, ended in peace or else killed, and gone when its parent is."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.kafka import companion
from streams.kafka.companion import Companion

NOTES = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "


class Stand(Companion):
    """Runs other programs than ours."""

    def __init__(self, program: str, arguments: Sequence[str]) -> None:
        super().__init__(())
        self._command = (sys.executable, "-c", program, *arguments)


def pids(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until(notes: Path, count: int) -> None:
    async with asyncio.timeout(20):
        while len(pids(notes)) < count:  # noqa: ASYNC110  another process writes them
            await asyncio.sleep(0.02)


@pytest.mark.asyncio
async def test_it_is_started_again_when_it_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companion, "PAUSE_SECONDS", 0.05)
    notes = tmp_path / "notes"
    stand = Stand(NOTES + "sys.exit(3) if len(open(sys.argv[1]).readlines()) < 3 else time.sleep(60)", [str(notes)])
    running = asyncio.create_task(stand.run())
    await until(notes, 3)
    stand.stop()
    await asyncio.wait_for(running, 5)
    assert len(set(pids(notes))) == 3
    assert not is_alive(pids(notes)[-1])


@pytest.mark.asyncio
async def test_it_is_asked_to_end_and_has_the_time_to(tmp_path: Path) -> None:
    notes, last_word = tmp_path / "notes", tmp_path / "last"
    bow = (
        f"import signal; signal.signal(15, lambda *_: (time.sleep(0.3), open({str(last_word)!r}, 'w'), sys.exit(0))); "
    )
    stand = Stand("import os, sys, time; " + bow + NOTES + "time.sleep(60)", [str(notes)])
    running = asyncio.create_task(stand.run())
    await until(notes, 1)
    stand.stop()
    await asyncio.wait_for(running, 5)
    assert last_word.exists()


@pytest.mark.asyncio
async def test_one_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companion, "PEACE_SECONDS", 0.3)
    notes = tmp_path / "notes"
    stand = Stand("import signal; signal.signal(15, signal.SIG_IGN); " + NOTES + "time.sleep(60)", [str(notes)])
    running = asyncio.create_task(stand.run())
    await until(notes, 1)
    stand.stop()
    await asyncio.wait_for(running, 5)
    assert not is_alive(pids(notes)[0])


@pytest.mark.asyncio
async def test_stopping_does_not_wait_for_the_pause_between_two_lives(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    stand = Stand(NOTES + "sys.exit(1)", [str(notes)])
    running = asyncio.create_task(stand.run())
    await until(notes, 1)
    begun = time.monotonic()
    await asyncio.sleep(0.3)
    stand.stop()
    await running
    assert time.monotonic() - begun < 1.5


def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    parent = (
        "import asyncio, sys; from tests.kafka.core.test_companion import NOTES, Stand; "
        "asyncio.run(Stand(NOTES + 'time.sleep(60)', [sys.argv[1]]).run())"
    )
    process = subprocess.Popen([sys.executable, "-c", parent, str(notes)])
    asyncio.run(until(notes, 1))
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 5
    while is_alive(pids(notes)[0]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(pids(notes)[0])
    assert os.getpid() not in pids(notes)
