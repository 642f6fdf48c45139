"""Operators' decisions on their way: one record for each pair in the topic `decisions`, the newest holds."""

from collections.abc import Iterable

from schemas.evidence import Decision
from schemas.formats import EVIDENCE
from schemas.topics import DECISIONS
from streams.kafka.broker import Broker, Outgoing
from streams.kafka.names import Names


async def tell(broker: Broker, names: Names, decisions: Iterable[Decision]) -> None:
    """Write decisions; workers hand each on to the holders of both identifiers. Raises `Away`."""
    producer = broker.producer()
    await producer.start()
    try:
        records = [Outgoing(b"".join(each.pair), EVIDENCE.encode(each)) for each in decisions]
        await producer.send(producer.prepare({(names.topic(DECISIONS), 0): records}))
    finally:
        await producer.stop()
