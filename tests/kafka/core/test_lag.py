"""How far a group is behind: records, not offsets, so that markers of transactions count for nothing."""

import asyncio

from streams.kafka.broker import Outgoing, Position
from streams.kafka.operation.lag import CLOSE, lag_of
from tests.kafka.core.logs import on_a_log, rows, transaction
from tests.simulation.clients import LogBroker
from tests.simulation.log import Log

TOPICS = {"evidence": 2, "handoffs": 2}
PLACE = ("evidence", 0)


def many(count: int) -> list[Outgoing]:
    return [Outgoing(b"k", b"v")] * count


def test_a_group_that_committed_nothing_has_everything_before_it() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        log.append({PLACE: many(3), ("handoffs", 1): many(4)})
        lag = await lag_of(broker, "g", TOPICS)
        assert lag.records == 7
        assert lag.ends == {PLACE: 3, ("evidence", 1): 0, ("handoffs", 0): 0, ("handoffs", 1): 4}

    on_a_log(TOPICS, work)


def test_what_was_committed_is_behind() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        log.append({PLACE: many(10)})
        log.group("g").positions[PLACE] = Position(4)
        assert (await lag_of(broker, "g", TOPICS)).records == 6

    on_a_log(TOPICS, work)


def test_markers_are_no_records() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        await transaction(broker, "p", {PLACE: rows(a=b"1")})
        log.group("g").positions[PLACE] = Position(1)
        await asyncio.sleep(1)
        lag = await lag_of(broker, "g", TOPICS)
        assert (lag.records, lag.ends[PLACE]) == (0, 2)

    on_a_log(TOPICS, work)


def test_far_behind_offsets_are_near_enough() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        log.append({PLACE: many(CLOSE + 50)})
        assert (await lag_of(broker, "g", TOPICS)).records == CLOSE + 50

    on_a_log(TOPICS, work)


def test_what_is_not_committed_yet_is_not_waited_for() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        log.append({PLACE: many(2)})
        log.write("p", log.own("p"), {PLACE: rows(a=b"1")})
        assert (await lag_of(broker, "g", TOPICS)).records == 2

    on_a_log(TOPICS, work)
