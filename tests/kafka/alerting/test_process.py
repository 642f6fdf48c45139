"""From events on a broker to a signed webhook, by a real worker that is killed in between."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.cli import main
from streams.commands.demo.receiver import Receiver, receiving
from streams.kafka.broker import Outgoing
from streams.kafka.clients.client import KafkaBroker
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics

ROOT = Path(__file__).parents[3]
INPUTS = ("web.events", "support.events")


def settings_of(topics: Topics, receiver: Receiver, folder: Path) -> Path:
    file = folder / "seamline.toml"
    file.write_text(
        f'[kafka]\nbrokers = "{topics.address}"\nprefix = "{topics.prefix}"\napplication = "{topics.prefix}app"\n'
        f"inputs = {json.dumps([topics.prefix + name for name in INPUTS])}\npartitions = 2\n"
        "session_timeout_ms = 6000\nheartbeat_ms = 300\n"
        f'[worker]\nweb_port = 0\nstate_folder = "{folder}/state"\n[alerts]\nhold_seconds = 0\n'
        f'[alerts.webhook]\nurl = "{receiver.address}"\nsecret = "{receiver.spelled_secret}"\nallow_private = true\n'
    )
    return file


@contextmanager
def worker(config: Path) -> Iterator["subprocess.Popen[bytes]"]:
    code = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", code, "worker", "--roles", "intake,stitcher,alerting", "--config", str(config)]
    with (config.parent / "log").open("ab") as log:
        process = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def event(number: int, channel: str, name: str, seconds_ago: int, **more) -> dict[str, object]:
    at = time.time_ns() // 1_000_000 - seconds_ago * 1000
    identifiers = [{"kind": "account_id", "value": "acct-1", "assurance": "authenticated"}]
    return {
        "event_id": f"e{number}", "source": f"/{channel}/x", "channel": channel, "name": name, "occurred_at": at,
        "direction": "inbound", "task": "checkout", "identifiers": identifiers, "correlation": {"cart_id": "C1"},
        **more,
    }  # fmt: skip


async def produce(topics: Topics, *events: dict[str, object]) -> None:
    producer = KafkaBroker(KafkaSettings(brokers=topics.address)).producer()
    await producer.start()
    try:
        for each in events:
            place = (f"{topics.prefix}{each['channel']}.events", 0)
            await producer.send(producer.prepare({place: [Outgoing(None, json.dumps(each).encode())]}))
    finally:
        await producer.stop()


def until(holds: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, log.read_text()[-5000:]
        time.sleep(0.1)


def test_events_become_signed_alerts_each_once_though_the_worker_is_killed(
    topics: Topics, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    topics.make(*INPUTS, partitions=2)
    failed = event(1, "web", "checkout.failed", 600, outcome="failed")
    called = event(2, "support", "contact.started", 60, sub_channel="phone")
    ordered = event(3, "web", "order.placed", 1, outcome="completed")
    with receiving() as receiver:
        config = settings_of(topics, receiver, tmp_path)
        assert main(["topics", "apply", "--config", str(config)]) == 0
        asyncio.run(produce(topics, failed, called))
        with worker(config) as process:
            until(lambda: receiver.delivered == 1, tmp_path / "log")
            process.send_signal(signal.SIGKILL)
            process.wait()
        asyncio.run(produce(topics, failed, called, ordered))
        with worker(config) as process:
            until(lambda: receiver.delivered == 2, tmp_path / "log")
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(20) == 0
            assert time.monotonic() - began < 10
        assert receiver.delivered == 2
        assert receiver.first is not None
        assert (receiver.first.type, receiver.first.data.why.pattern) == ("friction.opened", "X01")
        assert "acct-1" not in (tmp_path / "log").read_text()
        capfd.readouterr()
        assert main(["alerts", "ls", "--kafka", "--all", "--json", "--config", str(config)]) == 0
        shown = json.loads(capfd.readouterr().out)
        assert [(each["pattern"], each["reason"]) for each in shown["alerts"]] == [("X01", "completed")]
        assert shown["messages"] == []
