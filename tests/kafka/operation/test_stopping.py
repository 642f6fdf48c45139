"""A worker that was told to end says so on its page while it does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from streams.cli import main
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import HOST, free_port
from streams.kafka.embedded.runtime import Runtime

ROOT = Path(__file__).parents[3]
SECONDS_TO_END = 10.0
SECONDS_TO_BE_READY = 60.0


@contextmanager
def worker(roles: str, config: Path) -> Iterator["subprocess.Popen[bytes]"]:
    code = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", code, "worker", "--roles", roles, "--config", str(config)]
    with (config.parent / "log").open("ab") as log:
        process = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def reasons(port: int) -> list[str] | None:
    """What speaks against being ready, as /readyz tells it; None where nobody answers."""
    with suppress(OSError):
        try:
            with urlopen(f"http://{HOST}:{port}/readyz", timeout=2) as answer:
                told = answer.read()
        except HTTPError as error:
            told = error.read()
        return list(json.loads(told)["reasons"])
    return None


def until(is_so: Callable[[], bool], seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, log.read_text()[-5_000:]
        time.sleep(0.05)


@pytest.mark.parametrize("roles", ["intake,stitcher", "stitcher"], ids=["hosted by Faust", "hosted without"])
def test_a_worker_that_was_told_to_end_says_that_it_is_stopping(runtime: Runtime, tmp_path: Path, roles: str) -> None:
    config, log, port = tmp_path / "seamline.toml", tmp_path / "log", free_port()
    with EmbeddedBroker.start(tmp_path / "broker", free_port(), runtime=runtime, temporary=True) as broker:
        config.write_text(
            f'[kafka]\nbrokers = "{broker.address}"\npartitions = 2\n'
            f'[worker]\nweb_port = {port}\nstate_folder = "{tmp_path}/state"\n'
        )
        assert main(["topics", "apply", "--inputs", "--config", str(config)]) == 0
        with worker(roles, config) as process:
            until(lambda: reasons(port) == [], SECONDS_TO_BE_READY, log)
            # A broker that stands still makes the end take some seconds.
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGSTOP)
            try:
                process.send_signal(signal.SIGTERM)
                until(lambda: "stopping" in (reasons(port) or ()), SECONDS_TO_END, log)
            finally:
                os.kill(broker.pid, signal.SIGCONT)
