"""Restoring a changelog: the newest committed value of each key, over tombstones, gaps, markers and aborted writes."""

import asyncio
from random import Random

import pytest

from streams.kafka.broker import Fenced
from streams.kafka.stitcher.restore import Restored, is_unchanged, restore
from tests.kafka.core.logs import on_a_log, rows, transaction
from tests.simulation.clients import LogBroker
from tests.simulation.log import Log

CHANGELOG = ("changelog", 0)
TOPICS = {"changelog": 1}


async def restored(broker: LogBroker) -> Restored:
    told: list[tuple[int, int]] = []
    found = await restore(broker, CHANGELOG, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert sorted(told) == told
    return found


def test_an_empty_changelog_is_no_state() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        assert await restored(broker) == Restored({}, 0, 0)

    on_a_log(TOPICS, work)


def test_the_newest_value_of_each_key_counts_and_a_tombstone_is_none() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        await transaction(broker, "p", {CHANGELOG: rows(a=b"1", b=b"1", c=b"1")})
        await transaction(broker, "p", {CHANGELOG: rows(a=b"2", b=None, d=None)})
        found = await restored(broker)
        assert found.values == {b"a": b"2", b"c": b"1"}
        assert found.records == 6

    on_a_log(TOPICS, work)


def test_what_a_dead_owner_left_open_is_aborted_by_the_fence_and_does_not_count() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        await transaction(broker, "p", {CHANGELOG: rows(a=b"1")})
        epoch = log.own("p")
        log.write("p", epoch, {CHANGELOG: rows(a=b"2", b=b"2")})
        next_owner = broker.producer("p")
        await next_owner.start()
        assert (await restored(broker)).values == {b"a": b"1"}
        with pytest.raises(Fenced):
            log.end("p", epoch, commit=True)

    on_a_log(TOPICS, work)


def test_the_end_may_be_nothing_but_markers_and_gaps() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        for n in range(30):
            await transaction(broker, "p", {CHANGELOG: rows(a=str(n).encode(), b=None)})
        await asyncio.sleep(1)
        assert log.partitions[CHANGELOG].compact(Random(1)) > 60
        found = await restored(broker)
        assert (found.values, found.end) == ({b"a": b"29"}, log.partitions[CHANGELOG].end)

    on_a_log(TOPICS, work)


def test_compaction_never_changes_what_is_restored() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        random = Random(7)
        kept: dict[bytes, bytes] = {}
        for n in range(60):
            value = str(n).encode() if random.random() < 0.7 else None
            key = random.choice("abcdef")
            await transaction(broker, "p", {CHANGELOG: rows(**{key: value})})
            if value is None:
                kept.pop(key.encode(), None)
            else:
                kept[key.encode()] = value
            if random.random() < 0.3:
                await asyncio.sleep(1)
                log.compact("changelog")
            assert (await restored(broker)).values == kept

    on_a_log(TOPICS, work)


def test_a_changelog_nobody_wrote_to_since_is_unchanged_whatever_markers_came() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        last = await transaction(broker, "p", {CHANGELOG: rows(a=b"1")})
        since = last[CHANGELOG] + 1
        assert await is_unchanged(broker, CHANGELOG, since)
        await asyncio.sleep(1)
        assert await is_unchanged(broker, CHANGELOG, since)
        epoch = log.own("p")
        log.write("p", epoch, {CHANGELOG: rows(a=b"2")})
        log.end("p", epoch, commit=False)
        await asyncio.sleep(1)
        assert await is_unchanged(broker, CHANGELOG, since)

    on_a_log(TOPICS, work)


def test_a_changelog_somebody_wrote_to_is_changed() -> None:
    async def work(log: Log, broker: LogBroker) -> None:
        last = await transaction(broker, "p", {CHANGELOG: rows(a=b"1")})
        await transaction(broker, "p", {CHANGELOG: rows(a=b"1")})
        await asyncio.sleep(1)
        assert not await is_unchanged(broker, CHANGELOG, last[CHANGELOG] + 1)

    on_a_log(TOPICS, work)
