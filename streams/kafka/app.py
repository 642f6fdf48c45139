"""The worker as a Faust app: its members, its pages, and agents for what flows slowly.

Faust is the shell: start, supervision, signals, agents. Nothing that flows fast goes through it, because it costs it
some 200 us a record, and it acknowledges what a handler failed at. So an agent here never raises for a broker that is
away: it tries again until the record is where it belongs.
"""

import asyncio
from collections.abc import AsyncIterable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import faust

from schemas.formats import EVIDENCE as EVIDENCE_FORM
from schemas.formats import CodecError
from schemas.identifiers import partition_of
from schemas.topics import DECISIONS, EVIDENCE
from streams.kafka.broker import Away, Broker, Outgoing
from streams.kafka.clients.credentials import broker_credentials
from streams.kafka.clients.security import Security
from streams.kafka.hosted import Hosted, Member
from streams.kafka.names import Names, Place
from streams.kafka.operation.logs import Log
from streams.kafka.records import evidence_record
from streams.processor import Addressed
from streams.settings_kafka import KafkaSettings

RETRY_SECONDS: Final = 1.0
log = Log(__name__)


def make_app(
    settings: KafkaSettings,
    security: Security,
    names: Names,
    broker: Broker,
    members: Sequence[Member],
    folder: Path,
) -> faust.App:
    """Make the app that hosts these members, with the agent for decisions; Faust keeps what is its own in `folder`."""
    app = faust.App(
        names.group("control"),
        broker=[f"kafka://{address.strip()}" for address in settings.brokers.split(",")],
        broker_credentials=broker_credentials(security),
        broker_session_timeout=settings.session_timeout_ms / 1000,
        broker_heartbeat_interval=settings.heartbeat_ms / 1000,
        broker_request_timeout=max(90.0, settings.session_timeout_ms / 1000),
        producer_request_timeout=60.0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        table_standby_replicas=0,
        cython_optimizations=True,
        autodiscover=False,
        store="memory://",
        datadir=str(folder),
    )
    for member in members:
        app.service(cast("Any", Hosted(member)))  # Faust takes instances as well as classes
    topic = app.topic(
        names.topic(DECISIONS), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    desk = _Desk(broker, names, settings.partitions)

    @app.agent(topic, name="decisions", concurrency=1)
    async def decide(decisions: AsyncIterable[bytes]) -> None:
        async for decision in decisions:
            await desk.pass_on(decision)

    return app


class _Desk:
    """Passes decisions on to the holders of both identifiers."""

    def __init__(self, broker: Broker, names: Names, partitions: int) -> None:
        self._broker = broker
        self._evidence = names.topic(EVIDENCE)
        self._partitions = partitions

    async def pass_on(self, decision: bytes) -> None:
        """Write it as evidence, however long that takes; what can not be read is said and left out."""
        try:
            message = EVIDENCE_FORM.decode(decision)
        except CodecError as error:
            log.warning("decision_unreadable", cause=str(error))
            return None
        pair: tuple[Any, ...] = getattr(message, "pair", ())
        records: dict[Place, list[Outgoing]] = {}
        for end in pair:
            place = (self._evidence, partition_of(end, self._partitions))
            records.setdefault(place, []).append(evidence_record(Addressed(end, message)))
        while True:
            try:
                return await self._write(records)
            except Away as error:
                log.warning("decision_waits", cause=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _write(self, records: dict[Place, list[Outgoing]]) -> None:
        # Decisions are rare: a producer each, so that none stays open in a state nobody looks at.
        producer = self._broker.producer()
        await producer.start()
        try:
            await producer.send(producer.prepare(records))
        finally:
            await producer.stop()
