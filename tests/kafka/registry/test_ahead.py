"""Schemas are there before their records are decoded; what is late is waited for, what is silent loses nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from schemas.codecs import EVENT_SCHEMA_ID, AvroSchemas, UnknownSchema, frame
from schemas.wire import WireEvent
from streams.kafka.broker import Away
from streams.kafka.intake import ahead
from streams.kafka.intake.ahead import SchemasAhead, schemas_ahead
from streams.settings_kafka import RegistrySettings
from tests.kafka.registry.double import RegistryDouble, serving
from tests.kafka.registry.versions import EVENT, NEWER, OLDER

pytestmark = pytest.mark.asyncio
PLAIN = WireEvent(event_id="1", source="s", channel="web", name="a.b", occurred_at=1)
JSON = b'{"event_id":"1"}'


class Rig:
    def __init__(self, double: RegistryDouble, known: AvroSchemas, ahead: SchemasAhead) -> None:
        self.double, self.known, self.ahead = double, known, ahead

    def asked(self, number: int) -> int:
        return self.double.requests.count(f"GET /schemas/ids/{number}")


@asynccontextmanager
async def rigged(*, wait_seconds: int = 1) -> AsyncIterator[Rig]:
    async with serving(RegistryDouble()) as double:
        settings = RegistrySettings.model_validate({"url": double.url, "retry_seconds": wait_seconds})
        known = AvroSchemas({})
        async with schemas_ahead(settings, known) as fetching:
            yield Rig(double, known, fetching)


def written(schema: str, number: int) -> bytes:
    return AvroSchemas({number: schema}).encode(PLAIN, number)


async def test_avro_of_several_schemas_and_json_stand_side_by_side_on_one_topic() -> None:
    async with rigged() as rig:
        rig.double.put(OLDER, 7)
        rig.double.put(NEWER, 9)
        values = [JSON, written(OLDER, 7), b"", b"\0\0", written(NEWER, 9), written(OLDER, 7)]
        await rig.ahead(values)
        assert [rig.known.decode(values[at]).event_id for at in (1, 4, 5)] == ["1", "1", "1"]
        assert (rig.asked(7), rig.asked(9)) == (1, 1)


async def test_id_that_is_known_is_never_asked_for_again_even_if_the_registry_is_gone() -> None:
    async with rigged() as rig:
        rig.double.put(EVENT, 7)
        await rig.ahead([written(EVENT, 7)])
        rig.double.is_down = True
        await rig.ahead([written(EVENT, 7)])
        assert rig.asked(7) == 1


async def test_with_a_registry_its_id_one_is_not_taken_for_ours() -> None:
    async with rigged() as rig:
        rig.double.put(OLDER, EVENT_SCHEMA_ID)
        with pytest.raises(UnknownSchema):
            rig.known.decode(written(OLDER, EVENT_SCHEMA_ID))
        await rig.ahead([written(OLDER, EVENT_SCHEMA_ID)])
        assert rig.known.decode(written(OLDER, EVENT_SCHEMA_ID)).name == "a.b"


async def test_schema_registered_a_moment_late_is_waited_for() -> None:
    async with rigged() as rig:
        rig.double.on_request = lambda: rig.double.put(EVENT, 7) if rig.asked(7) >= 4 else None
        await rig.ahead([written(EVENT, 7)])
        assert rig.known.decode(written(EVENT, 7)).event_id == "1"


async def test_id_nobody_registers_becomes_a_dead_letter_after_the_wait_and_holds_up_nobody_again() -> None:
    async with rigged() as rig:
        begun = time.monotonic()
        await rig.ahead([frame(66, b"x")])
        waited = time.monotonic() - begun
        with pytest.raises(UnknownSchema, match="66"):
            rig.known.decode(frame(66, b"x"))
        begun = time.monotonic()
        for number in range(67, 90):
            await rig.ahead([frame(66, b"x"), frame(number, b"x")])
        assert time.monotonic() - begun < waited
        assert 0.9 < waited < 3
        assert rig.asked(66) == 11


async def test_flood_of_junk_ids_asks_for_a_hundred_and_finds_the_good_one() -> None:
    async with rigged() as rig:
        rig.double.put(EVENT, 7)
        await rig.ahead([*(frame(1000 + number, b"x") for number in range(300)), written(EVENT, 7)])
        assert rig.known.knows(7)
        assert len(set(rig.double.requests)) == 100


async def test_id_that_was_given_up_is_found_once_it_is_registered() -> None:
    async with rigged() as rig:
        await rig.ahead([frame(66, b"x")])
        rig.double.put(EVENT, 66)
        await rig.ahead([written(EVENT, 66)])
        assert not rig.known.knows(66)
        await asyncio.sleep(1.1)
        await rig.ahead([written(EVENT, 66)])
        assert rig.known.knows(66)


async def test_registry_that_is_silent_is_waited_for_and_nothing_is_decided() -> None:
    async with rigged() as rig:
        rig.double.put(EVENT, 7)
        rig.double.is_down = True
        reading = asyncio.create_task(rig.ahead([written(EVENT, 7)]))
        await asyncio.sleep(0.3)
        assert not reading.done()
        rig.double.is_down = False
        await asyncio.wait_for(reading, 5)
        assert rig.known.knows(7)


async def test_registry_that_stays_silent_ends_in_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "AWAY_SECONDS", 0.0)
    async with rigged() as rig:
        rig.double.is_down = True
        with pytest.raises(Away, match="answered 503"):
            await rig.ahead([frame(7, b"x")])


async def test_who_waits_is_let_go_at_a_stop() -> None:
    async with rigged(wait_seconds=60) as rig:
        reading = asyncio.create_task(rig.ahead([frame(66, b"x")]))
        await asyncio.sleep(0.2)
        rig.ahead.stop()
        with pytest.raises(Away, match="stopped"):
            await asyncio.wait_for(reading, 2)


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ('{"type":"record","name":"N","fields":[{"name":"n","type":["null","N"]}]}', "AVRO"),
        ("{", "AVRO"),
        ('{"type":"object"}', "JSON"),
        ('syntax = "proto3";', "PROTOBUF"),
    ],
)
async def test_schema_that_can_not_be_decoded_with_is_refused_once(schema: str, kind: str) -> None:
    async with rigged() as rig:
        rig.double.put(schema, 7, kind)
        await rig.ahead([frame(7, b"x")])
        await rig.ahead([frame(7, b"x")])
        assert (rig.known.knows(7), rig.asked(7)) == (False, 1)
