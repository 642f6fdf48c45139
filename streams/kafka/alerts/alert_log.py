"""What stands in `alerts`, for whoever wants to look: newest words, messages that wait, messages that were given up."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from schemas.alerts import Alert, Delivered, Transition, decode_alert
from schemas.topics import ALERTS
from streams.kafka.alerts.delivering import ROLE
from streams.kafka.alerts.member import UNDELIVERABLE, alerts_of
from streams.kafka.broker import Broker, Record
from streams.kafka.names import Names, Place

POLL_MS: Final = 50
POLL_RECORDS: Final = 10_000


class AlertLog(msgspec.Struct, frozen=True):
    """The newest word on each incident, messages that the delivery group has not committed, and those given up."""

    alerts: list[Alert]
    waiting: list[Alert]
    undeliverable: list[Delivered]


async def read_alert_log(broker: Broker, names: Names) -> AlertLog:
    """Read all of `alerts`; raises `Away`.

    Of messages that wait some may have arrived: offsets tell of the oldest only.
    """
    place = (names.topic(ALERTS), 0)
    delivered_up_to = await _delivered_up_to(broker, names, place)
    newest: dict[bytes, bytes] = {}
    waiting: list[Alert] = []
    undeliverable: list[Delivered] = []
    async for record in _records(broker, place):
        key, value = record.key or b"", record.value or b""
        if key.startswith(UNDELIVERABLE):
            undeliverable.append(msgspec.json.decode(value, type=Delivered))
            continue
        newest[key] = value
        if record.offset >= delivered_up_to and (alert := decode_alert(value)).transition is not Transition.KEPT:
            waiting.append(alert)
    given_up = {each.message_id for each in undeliverable}
    return AlertLog(alerts_of(newest), [each for each in waiting if each.message_id not in given_up], undeliverable)


async def _delivered_up_to(broker: Broker, names: Names, place: Place) -> int:
    member = broker.member(names.group(ROLE), (place[0],), _nothing, _nothing)
    try:
        committed = await member.committed((place,))
    finally:
        await member.stop()
    return committed[place].offset if place in committed else 0


async def _records(broker: Broker, place: Place) -> AsyncIterator[Record]:
    reader = broker.reader((place,))
    await reader.start()
    try:
        end = (await reader.ends((place,)))[place]
        while await reader.position(place) < end:
            for record in (await reader.poll(POLL_MS, POLL_RECORDS)).get(place, ()):
                yield record
    finally:
        await reader.stop()


async def _nothing(_: frozenset[Place]) -> None:
    """Never called: who only asks what is committed does not join."""
