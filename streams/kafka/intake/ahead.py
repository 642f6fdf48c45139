"""Schemas are fetched ahead of decoding: intake is pure, so whatever ids its records name are known before it reads.

An id that is found is kept for ever: a registry never changes what an id means. One that is not registered yet may be
late by a moment, so records wait for it, within bounds; after that they are dead letters, to be replayed. While the
registry does not answer nothing is decided, and everything waits.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from typing import Final

from schemas.codecs import AvroSchemas, schema_id_of
from schemas.formats import CodecError
from schemas.linter import RefusedSchema
from streams.kafka.broker import Away
from streams.kafka.intake.registry import AVRO, NotRegistered, Registered, Registry, RegistryAway, asking
from streams.kafka.operation.logs import Log
from streams.settings_kafka import RegistrySettings

ASKED_PER_WAIT: Final = 10
"""How often an id that is not there yet is asked for while records wait for it."""
ASKED_PER_POLL: Final = 100
"""New ids that are asked for at once; records with any more of them are dead letters."""
WAITS_APART: Final = 10
"""After waiting in vain, so many times as long nobody waits again: junk must not hold up what is good."""
AWAY_SECONDS: Final = 60.0
"""How long a registry that does not answer is waited for before the membership is left and joined anew."""
RETRY_SECONDS: Final = 1.0
REMEMBERED_MAX: Final = 10_000
"""Ids remembered as missing or refused; beyond that they are all asked for again."""
log = Log(__name__)


class SchemasAhead:
    """Brings the schemas of records into `known`. Call it with the values of a poll; it returns once they are there.

    Or once they can not be had: then decoding makes dead letters of their records. Raises `Away` when the registry
    stays silent, and when it is stopped meanwhile: then nothing of the poll may be read.
    """

    def __init__(self, registry: Registry, known: AvroSchemas, settings: RegistrySettings) -> None:
        self._registry = registry
        self._known = known
        self._wait_seconds = float(settings.retry_seconds)
        self._refused: set[int] = set()
        self._asked_again_at: dict[int, float] = {}
        self._patient_from = 0.0
        self._stopping = asyncio.Event()

    async def __call__(self, values: Iterable[bytes]) -> None:
        """See that the schemas these values name are known."""
        now = asyncio.get_running_loop().time()
        named = {found for value in values if (found := schema_id_of(value)) is not None}
        unknown = {each for each in named if not self._known.knows(each) and each not in self._refused}
        # Registries count up from 1: where there are more than a poll could honestly name, the least are asked for.
        asked = sorted(each for each in unknown if self._asked_again_at.get(each, now) <= now)[:ASKED_PER_POLL]
        absent = await self._fetch(set(asked))
        if absent and now >= self._patient_from:
            absent = await self._await_late(absent)
        if len(self._asked_again_at) > REMEMBERED_MAX:
            self._asked_again_at.clear()
        later = asyncio.get_running_loop().time() + self._wait_seconds
        self._asked_again_at |= dict.fromkeys(absent, later)

    def stop(self) -> None:
        """Let go of whoever waits."""
        self._stopping.set()

    async def _await_late(self, absent: AbstractSet[int]) -> set[int]:
        """Ask again for a while for ids that somebody may be registering at this moment."""
        log.warning("schemas_awaited", ids=", ".join(map(str, sorted(absent)[:10])), seconds=self._wait_seconds)
        left = set(absent)
        for _ in range(ASKED_PER_WAIT):
            await self._pause(self._wait_seconds / ASKED_PER_WAIT)
            left = await self._fetch(left)
            if not left:
                return left
        self._patient_from = asyncio.get_running_loop().time() + WAITS_APART * self._wait_seconds
        log.error("schemas_missing", ids=", ".join(map(str, sorted(left)[:10])))
        return left

    async def _fetch(self, ids: AbstractSet[int]) -> set[int]:
        """Learn these schemas; gives those the registry does not know."""
        absent = set()
        for each in sorted(ids):
            try:
                registered = await self._answered(each)
            except NotRegistered:
                absent.add(each)
                continue
            if registered.schema_type == AVRO:
                self._learn(each, registered.schema)
            else:
                self._refuse(each, f"it is {registered.schema_type}, not Avro")
        return absent

    async def _answered(self, schema_id: int) -> Registered:
        deadline = asyncio.get_running_loop().time() + AWAY_SECONDS
        while True:
            try:
                return await self._registry.schema(schema_id)
            except RegistryAway as error:
                if asyncio.get_running_loop().time() >= deadline:
                    raise
                log.warning("registry_away", cause=error.reason)
                await self._pause(RETRY_SECONDS)

    def _learn(self, schema_id: int, schema: str) -> None:
        try:
            self._known.register(schema_id, schema)
        except (CodecError, RefusedSchema) as error:
            self._refuse(schema_id, str(error))

    def _refuse(self, schema_id: int, cause: str) -> None:
        """Remember a schema that is never decoded with: its records are dead letters, until a release can read it."""
        if len(self._refused) < REMEMBERED_MAX:
            self._refused.add(schema_id)
        log.error("schema_refused", id=schema_id, cause=cause[:300])

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Away("stopped while schemas were waited for")


@asynccontextmanager
async def schemas_ahead(settings: RegistrySettings, known: AvroSchemas) -> AsyncIterator[SchemasAhead]:
    """Open it on the registry of the settings; `known` begins empty, since there all ids are the registry's."""
    async with asking(settings) as registry:
        ahead = SchemasAhead(registry, known, settings)
        try:
            yield ahead
        finally:
            ahead.stop()
