"""The alerting role on a real broker: told once, through kills, restarts and destinations that are away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from schemas.alerts import decode_alert
from schemas.identifiers import partition_of
from schemas.rows import Upsert
from sinks.alerts.destination import Message, Outage
from sinks.alerts.dispatch import Dispatch
from streams.kafka.alerts.alert_log import read_alert_log
from streams.kafka.alerts.delivering import DeliveryMember
from streams.kafka.alerts.member import UNDELIVERABLE, AlertingMember, AlertingShared, _Duty
from streams.kafka.broker import Fenced
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.names import Names, Place
from streams.kafka.operation.metrics import Metrics, wall_clock_ms
from streams.kafka.records import upsert_record
from streams.settings_kafka import KafkaSettings
from tests.alerting.builders import hit, journey, rules, taken_back
from tests.kafka.conftest import Topics

pytestmark = pytest.mark.asyncio
PARTITIONS = 3
HOUR = 3_600_000


class Door:
    """A destination that remembers what it took, and may be away."""

    def __init__(self) -> None:
        self.name = "door"
        self.is_away = False
        self.taken: list[Message] = []

    async def deliver(self, message: Message) -> None:
        if self.is_away:
            raise Outage("away")
        self.taken.append(message)

    @property
    def types(self) -> list[str]:
        return [message.body.split(b'"')[3].decode() for message in self.taken]


class House:
    """One application's topics, and workers on them."""

    def __init__(self, topics: Topics) -> None:
        topics.make("friction", "journeys", partitions=PARTITIONS)
        topics.make("alerts", partitions=1)
        self.names = Names(topics.prefix + "app", topics.prefix, ())
        self.settings = KafkaSettings(
            brokers=topics.address, application=self.names.application, session_timeout_ms=6_000, heartbeat_ms=300
        )
        self.broker = KafkaBroker(self.settings)
        self.metrics = Metrics()

    def alerting(self, **changes) -> AlertingMember:
        shared = AlertingShared(self.names, PARTITIONS, rules(**changes), self.metrics)
        return AlertingMember(self.broker, shared)

    def delivery(self, door: Door, retry_ms: int = HOUR) -> DeliveryMember:
        post = Dispatch([door], retry_ms=retry_ms, now=wall_clock_ms, random=Random(1))
        return DeliveryMember(self.broker, self.names, post, self.metrics)

    async def say(self, *upserts: Upsert) -> None:
        """Write rows where a stitcher would: anywhere, by their person."""
        producer = self.broker.producer()
        await producer.start()
        try:
            for upsert in upserts:
                number = partition_of(str(upsert.key[0]).encode().ljust(17), PARTITIONS)  # type: ignore[arg-type]
                place = (self.names.prefix + upsert.table.value, number)
                await producer.send(producer.prepare({place: [upsert_record(upsert)]}))
        finally:
            await producer.stop()

    async def words(self) -> list[tuple[str, str]]:
        """Everything in `alerts`: incident and transition."""
        place = (self.names.prefix + "alerts", 0)
        reader = self.broker.reader([place])
        await reader.start()
        try:
            end, found = (await reader.ends([place]))[place], []
            while await reader.position(place) < end:
                for record in (await reader.poll(50, 1000)).get(place, ()):
                    if (record.key or b"").startswith(UNDELIVERABLE):
                        found.append((UNDELIVERABLE.decode(), ""))
                    else:
                        alert = decode_alert(record.value or b"")
                        found.append((alert.incident_key, alert.transition.value))
            return found
        finally:
            await reader.stop()


@pytest.fixture
def house(topics: Topics) -> House:
    return House(topics)


@asynccontextmanager
async def at_work(*members: AlertingMember | DeliveryMember) -> AsyncIterator[list["asyncio.Task[None]"]]:
    tasks = [asyncio.create_task(member.run()) for member in members]
    try:
        yield tasks
    finally:
        for member in members:
            member.stop()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)


async def until(holds: Callable[[], bool], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - nobody tells when it does
            await asyncio.sleep(0.05)


async def test_friction_becomes_one_alert_that_is_delivered_and_resolved(house: House):
    door = Door()
    await house.say(hit(), hit(person="bob", journey_id="j2"), hit(incident="i2", severity="low", journey_id="j3"))
    async with at_work(house.alerting(), house.delivery(door)):
        await until(lambda: len(door.taken) == 1)
        await house.say(taken_back(person="bob"), journey())
        await until(lambda: len(door.taken) == 2)
        assert house.metrics.alerting.open == 0
    assert door.types == ["friction.opened", "friction.resolved"]
    assert {message.subject for message in door.taken} == {door.taken[0].subject}


async def test_whoever_comes_next_says_nothing_again_and_goes_on(house: House):
    door = Door()
    await house.say(hit(), hit(incident="i2", journey_id="j2"))
    async with at_work(house.alerting(), house.delivery(door)):
        await until(lambda: len(door.taken) == 2)
    await house.say(hit(2), taken_back(2, incident="i2"))
    async with at_work(house.alerting(), house.delivery(door)):
        await until(lambda: len(door.taken) == 3)
    assert [word for word in await house.words() if word[1] != "kept"] == [
        ("i1", "opened"), ("i2", "opened"), ("i2", "resolved"),
    ]  # fmt: skip
    assert len({message.id for message in door.taken}) == 3


async def test_a_completion_heard_before_a_restart_still_counts_for_a_hit_after_it(house: House):
    await house.say(journey())
    async with at_work(house.alerting()):
        await until(lambda: house.metrics.alerting.lag != {})
        await asyncio.sleep(1.5)
    await house.say(hit(), hit(incident="i2", journey_id="j2"))
    async with at_work(house.alerting()):
        await until(lambda: house.metrics.alerting.written >= 2)
    assert ("i2", "opened") in await house.words()
    assert ("i1", "opened") not in await house.words()


async def test_of_two_workers_one_is_on_duty_and_the_other_takes_over(house: House):
    door = Door()
    first, second = house.alerting(), house.alerting()
    async with at_work(second, house.delivery(door)):
        async with at_work(first):
            await house.say(hit())
            await until(lambda: len(door.taken) == 1)
        await house.say(taken_back(), hit(incident="i2", journey_id="j2"))
        await until(lambda: len(door.taken) == 3)
    assert sorted(door.types) == ["friction.opened", "friction.opened", "friction.resolved"]


async def test_a_worker_that_stops_in_the_middle_loses_nothing_and_repeats_nothing(house: House):
    await house.say(*(hit(incident=f"i{number}", journey_id=f"j{number}") for number in range(40)))
    async with at_work(house.alerting()):
        await until(lambda: house.metrics.alerting.written > 0)
    await house.say(*(taken_back(2, incident=f"i{number}") for number in range(0, 40, 2)))
    async with at_work(house.alerting()):
        await until(lambda: house.metrics.alerting.written >= 60)
    told = sorted(word for word in await house.words() if word[1] != "kept")
    assert told == sorted(
        [(f"i{number}", "opened") for number in range(40)] + [(f"i{number}", "resolved") for number in range(0, 40, 2)]
    )


async def test_who_was_fenced_says_nothing_and_begins_anew(house: House):
    async def nothing(_: frozenset[Place]) -> None:
        """Nobody joins here."""

    shared = AlertingShared(house.names, PARTITIONS, rules(), house.metrics)
    async with at_work(house.alerting()):
        await house.say(hit())
        await until(lambda: house.metrics.alerting.written == 1)
        asking = house.broker.member(house.names.group("alerting"), ("alerts",), nothing, nothing)
        zombie = await _Duty.begin(house.broker, shared, asking)
        await house.say(taken_back())
        await until(lambda: house.metrics.group("alerting").fenced == 1)
        await until(lambda: house.metrics.alerting.written == 2)
        zombie._alerting.take(hit(incident="i9", journey_id="j9"))
        with pytest.raises(Fenced):
            await zombie._settle()
        await zombie.drop()
        await asking.stop()
    assert [word for word in await house.words() if word[1] != "kept"] == [("i1", "opened"), ("i1", "resolved")]


async def test_what_stands_in_the_topic_can_be_looked_at(house: House):
    door = Door()
    async with at_work(house.alerting(), house.delivery(door)):
        await house.say(hit())
        await until(lambda: len(door.taken) == 1)
        await asyncio.sleep(0.5)
        door.is_away = True
        await house.say(hit(2, severity="critical"), hit(incident="i2", journey_id="j2"))
        await until(lambda: house.metrics.alerting.written == 3)
    log = await read_alert_log(house.broker, house.names)
    assert sorted((alert.incident_key, alert.is_open) for alert in log.alerts) == [("i1", True), ("i2", True)]
    assert sorted(alert.transition.value for alert in log.waiting) == ["opened", "updated"]
    async with at_work(house.delivery(door, retry_ms=1)):
        async with asyncio.timeout(20):
            while len((log := await read_alert_log(house.broker, house.names)).undeliverable) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert log.waiting == []
    assert {each.error for each in log.undeliverable} == {"away"}


async def test_while_a_destination_is_away_words_are_written_and_kept_for_the_next_worker(house: House):
    door = Door()
    door.is_away = True
    await house.say(hit(), hit(incident="i2", journey_id="j2"))
    async with at_work(house.alerting(), house.delivery(door)):
        await until(lambda: house.metrics.alerting.failed.get("door", 0) > 0)
        await house.say(hit(incident="i3", journey_id="j3"))
        await until(lambda: house.metrics.alerting.written == 3)
        assert house.metrics.alerting.undelivered == {"door": 3} or house.metrics.alerting.undelivered_since > 0
    door.is_away = False
    async with at_work(house.delivery(door)):
        await until(lambda: len(door.taken) == 3)
    assert sorted(message.id for message in door.taken) == sorted({message.id for message in door.taken})
    async with at_work(house.delivery(door)):
        await asyncio.sleep(1.5)
    assert len(door.taken) == 3


async def test_what_was_given_up_is_written_beside_the_words(house: House):
    door = Door()
    door.is_away = True
    await house.say(hit())
    async with at_work(house.alerting(), house.delivery(door, retry_ms=1)):
        await until(lambda: house.metrics.alerting.failed.get("door", 0) > 0)
        async with asyncio.timeout(20):
            while (UNDELIVERABLE.decode(), "") not in await house.words():  # noqa: ASYNC110 - nor here
                await asyncio.sleep(0.1)
    door.is_away = False
    async with at_work(house.alerting(), house.delivery(door)):
        await house.say(taken_back())
        await until(lambda: door.types == ["friction.resolved"])


async def test_without_a_destination_nothing_heaps_up_for_a_later_one(house: House):
    nobody = DeliveryMember(
        house.broker, house.names, Dispatch([], retry_ms=1, now=wall_clock_ms, random=Random(1)), house.metrics
    )
    await house.say(hit())
    async with at_work(house.alerting(), nobody):
        await until(lambda: house.metrics.alerting.written == 1)
        await asyncio.sleep(1.0)
    door = Door()
    await house.say(taken_back())
    async with at_work(house.alerting(), house.delivery(door)):
        await until(lambda: len(door.taken) == 1)
    assert door.types == ["friction.resolved"]
