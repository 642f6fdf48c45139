"""A process is not taken for another one that has its number."""

import os
import signal
import subprocess
from collections.abc import Iterator

import msgspec
import pytest

from streams.kafka.embedded.process import ProcessMark, age_seconds, end, is_alive, mark_of


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def mark(process: subprocess.Popen[bytes]) -> ProcessMark:
    found = mark_of(process.pid)
    assert found is not None
    return found


def test_the_same_number_in_another_life_is_another_process(sleeper: subprocess.Popen[bytes]) -> None:
    now = mark(sleeper)
    earlier = msgspec.structs.replace(now, began_ticks=now.began_ticks - 1)
    before_boot = msgspec.structs.replace(now, boot="another")
    assert [is_alive(each) for each in (now, earlier, before_boot)] == [True, False, False]
    for other in (earlier, before_boot):
        end(other, patience_seconds=1, first=signal.SIGKILL)
    assert sleeper.poll() is None


def test_who_ignores_the_request_is_killed() -> None:
    deaf = subprocess.Popen(["sh", "-c", "trap '' TERM; echo deaf; sleep 60"], stdout=subprocess.PIPE)
    assert deaf.stdout is not None
    assert deaf.stdout.readline() == b"deaf\n"
    end(mark(deaf), patience_seconds=0.2)
    assert deaf.wait() == -signal.SIGKILL
    deaf.stdout.close()


def test_a_process_that_waits_to_be_reaped_is_dead(sleeper: subprocess.Popen[bytes]) -> None:
    now = mark(sleeper)
    end(now, patience_seconds=5)
    assert not is_alive(now)
    assert mark_of(sleeper.pid) is None


def test_age_is_counted_from_its_beginning() -> None:
    myself = mark_of(os.getpid())
    assert myself is not None
    assert 0 <= age_seconds(myself) < 24 * 3600
