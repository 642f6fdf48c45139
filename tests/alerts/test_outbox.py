"""What waits is kept; what arrived is known; a file and a postman that lose nothing."""

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest

from schemas.alerts import Delivered
from sinks.alerts.destination import Message, Outage
from sinks.alerts.file import AlertFile
from sinks.alerts.outbox import DELIVERED_KEPT, Outbox
from sinks.alerts.postman import Postman

HOUR = 3_600_000
ONE, TWO = Message("a.1", "a", b'{"n":1}'), Message("a.2", "a", b'{"n":2}')


class Memory:
    """A destination that remembers, is away, or takes its time."""

    def __init__(self, name: str = "memory", away: bool = False, seconds: float = 0) -> None:
        self.name, self.away, self.seconds = name, away, seconds
        self.taken: list[str] = []

    async def deliver(self, message: Message) -> None:
        await asyncio.sleep(self.seconds)
        if self.away:
            raise Outage("away")
        self.taken.append(message.id)


def waiting(outbox: Outbox, to: str = "memory") -> list[str]:
    return [each.message.id for each in outbox.waiting(to, 0, 100)]


def test_words_and_messages_are_there_when_it_is_opened_again(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.append({"i1": b"old"}, [ONE], ["memory", "file"], 5)
    outbox.append({"i1": b"new", "i2": b"x"}, [TWO], ["memory", "file"], 6)
    outbox.close()
    outbox = Outbox(tmp_path)
    assert outbox.records() == [b"new", b"x"]
    assert (waiting(outbox), waiting(outbox, "file")) == (["a.1", "a.2"], ["a.1", "a.2"])
    assert outbox.waiting("memory", 0, 1)[0].message == ONE


def test_the_same_message_again_is_not_delivered_again(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.append({}, [ONE], ["memory"], 5)
    outbox.settle([Delivered("a.1", "memory", 1)])
    outbox.append({}, [ONE], ["memory"], 9)
    assert (waiting(outbox), outbox.count("delivered")) == ([], 1)


def test_what_is_forgotten_is_gone(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.append({"i1": b"x"}, [], [], 5)
    outbox.append({"i1": None}, [], [], 6)
    assert outbox.records() == []


def test_what_is_undeliverable_is_kept_and_says_why(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.append({}, [ONE, TWO], ["memory"], 5)
    outbox.settle([Delivered("a.1", "memory", 9, "away")], [Delivered("a.2", "memory", 3, "answered 500")])
    shown = [(each.state, each.attempts, each.error) for each in outbox.entries(("waiting", "undeliverable"), 10)]
    assert shown == [("waiting", 3, "answered 500"), ("undeliverable", 9, "away")]
    assert waiting(outbox) == ["a.2"]


def test_of_what_is_over_the_newest_are_kept(tmp_path: Path):
    outbox = Outbox(tmp_path)
    many = [Message(f"m{number}", f"m{number}", b"") for number in range(DELIVERED_KEPT + 50)]
    outbox.append({}, many, ["memory"], 5)
    outbox.settle(Delivered(message.id, "memory", 1) for message in many)
    assert outbox.count("delivered") == DELIVERED_KEPT


def test_a_postman_empties_the_outbox_and_comes_home(tmp_path: Path):
    outbox, memory = Outbox(tmp_path), Memory()
    postman = Postman(tmp_path, [memory], HOUR)
    outbox.append({}, [ONE], ["memory"], now())
    postman.start()
    outbox.append({}, [TWO], ["memory"], now())
    postman.come_home(10)
    assert (memory.taken, postman.error) == (["a.1", "a.2"], None)
    assert outbox.count("delivered") == 2


def test_a_slow_destination_holds_up_no_other(tmp_path: Path):
    outbox, quick, slow = Outbox(tmp_path), Memory("quick"), Memory("slow", seconds=30)
    outbox.append({}, [ONE, TWO], ["quick", "slow"], now())
    postman = Postman(tmp_path, [slow, quick], HOUR)
    postman.start()
    for _ in range(100):
        if len(quick.taken) == 2:
            break
        time.sleep(0.05)
    assert quick.taken == ["a.1", "a.2"]
    assert threading.active_count() > 1


def test_what_could_not_be_delivered_is_delivered_by_the_next_run(tmp_path: Path):
    outbox, memory = Outbox(tmp_path), Memory(away=True)
    outbox.append({}, [ONE, TWO], ["memory"], now())
    first = Postman(tmp_path, [memory], HOUR)
    first.start()
    first.come_home(5)
    assert (memory.taken, outbox.count("waiting")) == ([], 2)
    assert outbox.entries(("waiting",), 9)[-1].error == "away"
    memory.away = False
    second = Postman(tmp_path, [memory], HOUR)
    second.start()
    second.come_home(5)
    assert (memory.taken, outbox.count("waiting")) == (["a.1", "a.2"], 0)


def test_a_line_of_the_file_is_a_message_with_its_id(tmp_path: Path):
    path = tmp_path / "made" / "alerts.jsonl"
    for message in (ONE, TWO):
        asyncio.run(AlertFile(path).deliver(message))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [{"id": "a.1", "message": {"n": 1}}, {"id": "a.2", "message": {"n": 2}}]


def test_half_a_line_of_somebody_who_died_spoils_no_other(tmp_path: Path):
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"id":"a.0","mess')
    asyncio.run(AlertFile(path).deliver(ONE))
    assert path.read_text().splitlines()[1] == '{"id":"a.1","message":{"n":1}}'


def test_a_file_that_can_not_be_written_is_an_outage(tmp_path: Path):
    with pytest.raises(Outage):
        asyncio.run(AlertFile(tmp_path).deliver(ONE))


def now() -> int:
    return time.time_ns() // 1_000_000
