"""Logs: one line per event, without what customers sent, and quiet while a broker is away."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError
from aiokafka.structs import TopicPartition

from streams.kafka.operation.logs import ALIKE_EVERY_SECONDS, CLIENT_LINES_MAX, Calming, Log, LogChoice, set_up_logging
from streams.kafka.operation.metrics import WorkerCounts

ROOT = Path(__file__).parents[3]
CLIENT = logging.getLogger("aiokafka.client")


class Written:
    """Where the lines of one test go, and a clock that the test moves."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.counts = WorkerCounts()
        self.seconds = 0.0

    def calming(self, transactional: frozenset[str] = frozenset()) -> Calming:
        return Calming(self.counts, transactional, clock=lambda: self.seconds)

    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def documents(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines()]


def complain() -> None:
    CLIENT.error("Unable connect to node with id %s: %s", 1, "refused")


@contextmanager
def logging_to(choice: LogChoice, calming: Calming) -> Iterator[None]:
    """Log this way for a while, and put back what was there."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    set_up_logging(choice, calming)
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        logging.captureWarnings(capture=False)


@pytest.fixture
def json_lines() -> Iterator[Written]:
    written = Written()
    with logging_to(LogChoice("json", stream=written.stream), written.calming(frozenset({"seamline.people"}))):
        yield written


def test_a_json_line_has_the_event_and_its_fields(json_lines: Written) -> None:
    Log("streams.kafka.worker").info("partition_restored", partition=3, seconds=0.5, note=None)
    (line,) = json_lines.documents()
    assert line.pop("at")
    assert line == {
        "level": "info", "logger": "streams.kafka.worker", "event": "partition_restored",
        "partition": 3, "seconds": 0.5, "note": None,
    }  # fmt: skip


def test_a_text_line_reads_in_order() -> None:
    written = Written()
    with logging_to(LogChoice("text", stream=written.stream), written.calming()):
        Log("streams.kafka.worker").warning("broker_away", seconds=4)
    (line,) = written.lines()
    assert line.split(maxsplit=1)[1] == "warning streams.kafka.worker broker_away seconds=4"


def test_bytes_are_never_written(json_lines: Written) -> None:
    Log("x").info("took", payload=b"ann@example.org")  # type: ignore[arg-type]
    assert json_lines.documents()[0]["payload"] == "<bytes>"


def test_a_field_can_not_pass_for_the_event_nor_fill_the_log(json_lines: Written) -> None:
    Log("x").info("took", level="fatal", text="a" * 10_000 + "\nforged line")
    assert len(json_lines.lines()) == 1
    assert json_lines.documents()[0]["level"] == "info"
    assert len(str(json_lines.documents()[0]["text"])) < 600


def test_an_error_keeps_its_traceback_on_one_line(json_lines: Written) -> None:
    try:
        int("no")
    except ValueError:
        Log("x").error("died")
    (line,) = json_lines.documents()
    assert "ValueError: invalid" in str(line["traceback"])


def test_lines_of_clients_that_are_alike_pass_once_and_are_counted(json_lines: Written) -> None:
    for _ in range(100):
        complain()
    assert len(json_lines.lines()) == 1
    assert json_lines.counts.suppressed_lines == 99
    json_lines.seconds += ALIKE_EVERY_SECONDS
    complain()
    assert json_lines.documents()[1]["suppressed"] == 99


def test_lines_that_say_something_new_pass_up_to_a_bound(json_lines: Written) -> None:
    for number in range(100):
        CLIENT.error("kind " + "x" * number)
    assert len(json_lines.lines()) == CLIENT_LINES_MAX


def test_lines_of_our_own_are_never_left_out(json_lines: Written) -> None:
    for _ in range(100):
        Log("streams.kafka.worker").info("checkpoint")
    assert len(json_lines.lines()) == 100


def test_a_retry_that_the_broker_asks_for_within_a_transaction_is_no_news(json_lines: Written) -> None:
    said = "Got error produce response on topic-partition %s, retrying. Error: %s"
    sender = logging.getLogger("aiokafka.producer.sender")
    sender.warning(said, TopicPartition("seamline.people", 0), "<class 'NotEnoughReplicasError'>")
    assert json_lines.lines() == []
    sender.warning(said, TopicPartition("seamline.evidence", 0), "<class 'NotEnoughReplicasError'>")
    assert len(json_lines.lines()) == 1


def test_warnings_of_python_are_lines_too(json_lines: Written) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert json_lines.documents()[0]["logger"] == "py.warnings"


@pytest.mark.asyncio
async def test_a_client_whose_broker_is_away_does_not_flood(
    json_lines: Written, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """A consumer that was never answered: every attempt logs, some lines pass."""
    address = f"127.0.0.1:{unused_tcp_port_factory()}"
    for _ in range(30):
        consumer = AIOKafkaConsumer("x", bootstrap_servers=address)
        with pytest.raises(KafkaConnectionError):
            await consumer.start()
        await consumer.stop()
    await asyncio.sleep(0)
    assert 1 <= len(json_lines.lines()) <= 2
    assert json_lines.counts.suppressed_lines >= 28


def test_lines_reach_the_process_even_where_a_worker_redirects_its_output() -> None:
    """Faust's own command puts proxies that log in place of stdout and stderr; a line written there would loop."""
    code = (
        "import sys, logging\n"
        "from mode.utils.logging import redirect_stdouts\n"
        "from streams.kafka.operation.logs import Calming, Log, LogChoice, set_up_logging\n"
        "from streams.kafka.operation.metrics import WorkerCounts\n"
        "with redirect_stdouts(logging.getLogger('mode.redirect')):\n"
        "    set_up_logging(LogChoice('json'), Calming(WorkerCounts()))\n"
        "    Log('x').info('still_here')\n"
        "    print('printed')\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    events = [json.loads(line)["event"] for line in said.stderr.splitlines()]
    assert events == ["still_here", "printed"]
