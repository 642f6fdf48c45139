"""History is loaded in order of receipt, with its own times, into the input of each event's channel."""

from pathlib import Path

import msgspec
import pytest

from streams.cli import main
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.records import mark_of
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics, apart

NOON = 1_772_452_800_000
HOUR = 3_600_000


def event(number: int, received_at: int, channel: str = "web") -> bytes:
    return msgspec.json.encode(
        {
            "event_id": f"e{number}",
            "source": "/shop",
            "channel": channel,
            "name": "page.viewed",
            "occurred_at": received_at,
            "received_at": received_at,
        }
    )


def config_of(folder: Path, broker: EmbeddedBroker, inputs: list[str], clock: str = "data") -> str:
    path, named = folder / "seamline.toml", msgspec.json.encode(inputs).decode()
    path.write_text(f'[kafka]\nbrokers = "{broker.address}"\nclock = "{clock}"\ninputs = {named}\n')
    return str(path)


def test_live_inputs_are_refused_because_log_time_would_stand_at_today(
    tmp_path: Path, broker: EmbeddedBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_of(tmp_path, broker, ["web.events"], clock="wall")
    assert main(["load", str(tmp_path / "none"), "--config", config]) == 2
    assert "kafka.clock = data" in capsys.readouterr().err


def test_file_out_of_order_names_the_record(
    tmp_path: Path, broker: EmbeddedBroker, topics: Topics, capsys: pytest.CaptureFixture[str]
) -> None:
    (name,) = topics.make("web.events", partitions=1)
    history = tmp_path / "history.jsonl"
    history.write_bytes(b"\n".join([event(1, NOON), event(2, NOON - 7 * HOUR)]) + b"\n")
    assert main(["load", str(history), "--config", config_of(tmp_path, broker, [name])]) == 1
    assert "record 2: received 7 h before" in capsys.readouterr().err


def test_events_keep_their_times_and_marks_follow_them(tmp_path: Path, broker: EmbeddedBroker, topics: Topics) -> None:
    (name,) = topics.make("web.events", partitions=1)
    early, late = tmp_path / "early.jsonl", tmp_path / "late.jsonl"
    early.write_bytes(event(1, NOON) + b"\n" + event(3, NOON + 2 * HOUR) + b"\n")
    late.write_bytes(event(2, NOON + HOUR) + b"\n")
    config = config_of(tmp_path, broker, [name])
    assert main(["load", str(late), str(early), "--config", config]) == 0
    read = apart(_records(broker, name))
    assert read == [
        (NOON, None),
        (NOON + HOUR, None),
        (NOON + 2 * HOUR, None),
        (NOON + 2 * HOUR, NOON + 2 * HOUR),
    ]


async def _records(broker: EmbeddedBroker, topic: str) -> list[tuple[int, int | None]]:
    reader = KafkaBroker(KafkaSettings(brokers=broker.address)).reader([(topic, 0)])
    await reader.start()
    try:
        end = (await reader.ends([(topic, 0)]))[topic, 0]
        found: list[tuple[int, int | None]] = []
        while await reader.position((topic, 0)) < end:
            for records in (await reader.poll(200, 100)).values():
                found += [(record.timestamp, mark_of(record)) for record in records]
    finally:
        await reader.stop()
    return found
