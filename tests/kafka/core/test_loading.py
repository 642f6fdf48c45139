"""Loading history: events with their times, each customer's on one partition, and marks that move log time along."""

import pytest

from streams.kafka.loading import BATCH_RECORDS, Loaded, Loader
from streams.kafka.records import mark_of
from tests.kafka.core.logs import BEGINS_MS, on_a_log
from tests.simulation.clients import LogBroker
from tests.simulation.log import Entry, Log

TOPICS = {"web.events": 3, "app.events": 1}
PLACES = [("web.events", 0), ("web.events", 1), ("web.events", 2), ("app.events", 0)]
T = BEGINS_MS - 1_000_000


def event(n: int, *, topic: str = "web.events", key: bytes = b"") -> Loaded:
    return Loaded(topic, key or str(n).encode(), f"event {n}".encode(), T + n)


def events_of(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if mark_of(entry) is None]


def marks_of(log: Log) -> list[list[int]]:
    return [[mark for entry in log.read([place]) if (mark := mark_of(entry)) is not None] for place in PLACES]


def test_events_keep_their_times_and_a_customer_stays_on_one_partition_in_order() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        loader = Loader(broker, TOPICS)
        await loader.start()
        await loader.load([event(n, key=b"anna" if n % 2 else b"bert") for n in range(40)])
        await loader.stop()
        found = events_of(log.read(PLACES))
        assert sorted(entry.timestamp for entry in found) == [T + n for n in range(40)]
        for key in (b"anna", b"bert"):
            theirs = [entry for entry in found if entry.key == key]
            assert len({entry.partition for entry in theirs}) == 1
            assert [entry.timestamp for entry in theirs] == sorted(entry.timestamp for entry in theirs)

    on_a_log(TOPICS, work)


def test_a_mark_stands_behind_each_batch_on_every_partition_of_every_input() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        loader = Loader(broker, TOPICS)
        await loader.load(event(n) for n in range(BATCH_RECORDS + 1))
        assert marks_of(log) == [[T + BATCH_RECORDS - 1, T + BATCH_RECORDS]] * 4
        assert all(mark_of(log.read([place])[-1]) is not None for place in PLACES)
        assert (loader.records, loader.newest) == (BATCH_RECORDS + 1, T + BATCH_RECORDS)

    on_a_log(TOPICS, work)


def test_a_mark_can_promise_more_than_events_tell() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        await Loader(broker, TOPICS).mark(T + 99)
        assert marks_of(log) == [[T + 99]] * 4

    on_a_log(TOPICS, work)


def test_marks_never_step_back() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        loader = Loader(broker, TOPICS)
        await loader.load([event(50)])
        await loader.load([event(20)])
        assert marks_of(log) == [[T + 50, T + 50]] * 4

    on_a_log(TOPICS, work)


def test_a_topic_that_is_no_input_is_an_error() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        with pytest.raises(KeyError):
            await Loader(broker, TOPICS).load([event(1, topic="elsewhere")])

    on_a_log(TOPICS, work)
