"""Real data written by others, through their adapters, with counts taken independently."""

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from schemas.identifiers import Ident
from streams.intake.mapping import shipped_mappings
from streams.processor import InputRecord
from streams.processors.intake import Intake
from tests.intake.builders import RULES, Taken

DATA = Path(__file__).parents[1] / "data"
SEGMENT = DATA / "segment-spec"
READY = msgspec.structs.replace(RULES, mappings=shipped_mappings())


def lines_of(path: Path) -> Iterator[bytes]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        yield from lines


class Seen:
    """What stands in the touchpoints of a file, without keeping them."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.ledger = intake.ledger
        self.keys: set[bytes] = set()
        self.event_ids: set[str] = set()
        self.strong: set[tuple[Ident, ...]] = set()
        self.devices: set[tuple[Ident, ...]] = set()
        self.threads: set[tuple[Ident, ...]] = set()
        self.names: Counter[str] = Counter()
        self.channels: Counter[str] = Counter()

    def settle(self) -> None:
        for touchpoint in Taken(self.intake, self.intake.settle(0)).touchpoints:
            self.keys.add(touchpoint.key)
            self.event_ids.add(touchpoint.event_id)
            self.strong.add(touchpoint.strong)
            self.devices.add(touchpoint.devices)
            self.threads.add(touchpoint.threads)
            self.names[touchpoint.name] += 1
            self.channels[touchpoint.channel.value] += 1


def read(path: Path, adapter: str, mapping: str = "", timestamp: int | None = None) -> Seen:
    seen = Seen(Intake(READY))
    for position, line in enumerate(lines_of(path)):
        seen.intake.take(InputRecord(path.name, position, line, timestamp, adapter, mapping))
        if position % 2000 == 0:
            seen.settle()
    seen.settle()
    return seen


def test_segment_messages_with_a_logs_time_are_all_accepted():
    seen = read(SEGMENT / "events.jsonl", "segment", timestamp=1_700_000_000_000)
    assert seen.ledger.totals() == {"in": 76, "accepted": 76, "late": 0, "dead": 0}
    assert seen.channels == {"unknown": 41, "app": 11, "web": 8, "support": 7, "email": 6, "push": 3}


def test_segment_messages_from_a_file_are_dead_where_they_tell_no_time():
    seen = read(SEGMENT / "events.jsonl", "segment")
    told = [msgspec.json.decode(line) for line in lines_of(SEGMENT / "events.jsonl")]
    timed = sum(1 for message in told if "timestamp" in message)
    assert seen.ledger.totals() == {"in": 76, "accepted": timed, "late": 0, "dead": 76 - timed}
    assert seen.ledger.dead_reasons == {"no_time": 76 - timed}


def test_segment_calls_without_ids_and_times_are_accepted_from_a_log():
    seen = read(SEGMENT / "events-from-js-calls.jsonl", "segment", timestamp=1_700_000_000_000)
    assert seen.ledger.totals() == {"in": 51, "accepted": 50, "late": 0, "dead": 1}
    assert seen.ledger.dead_reasons == {"wrong_type": 1}
    assert len(seen.event_ids) == 50


@pytest.mark.parametrize(
    ("path", "mapping", "totals", "clients", "keys"),
    [
        ("nasa-1995-08-01.tsv.gz", "nasa_tsv", (33_996, 33_996, 0), 2582, 33_994),
        ("apache-combined-2015-05.log.gz", "apache_combined", (10_000, 9_999, 1), None, 9_980),
    ],
)
def test_web_logs_are_read_whole(path: str, mapping: str, totals: tuple, clients: int | None, keys: int):
    seen = read(DATA / "web-clickstream" / path, "mapping", mapping)
    ledger = seen.ledger.totals()
    assert (ledger["in"], ledger["accepted"], ledger["dead"]) == totals
    assert len(seen.keys) == keys
    devices = seen.devices - {()}
    if clients is None:
        lines = [line for line in lines_of(DATA / "web-clickstream" / path) if line.rstrip().endswith(b'"')]
        agents = [(line.split(b" ", 1)[0], line.rsplit(b'"', 2)[1].lower()) for line in lines]
        robots = (b"bot", b"crawl", b"spider", b"slurp")
        clients = len({client for client, agent in agents if not any(word in agent for word in robots)})
    assert len(devices) == clients


def test_support_log_is_read_whole():
    seen = read(DATA / "support-log" / "incident-event-log.csv.gz", "mapping", "support_log")
    rows = [line.decode().split(",") for line in lines_of(DATA / "support-log" / "incident-event-log.csv.gz")][1:]
    valid = [row for row in rows if row[1] != "-100"]
    assert seen.ledger.totals() == {"in": len(rows), "accepted": len(valid), "late": 0, "dead": len(rows) - len(valid)}
    assert len(seen.keys) == len(valid)
    assert len(seen.strong - {()}) == len({row[7] for row in valid} - {"?"})
    assert len(seen.threads) == len({row[0] for row in valid})
    assert seen.names["ticket.created"] == sum(row[5] == "0" for row in valid)
