"""A broker that dies under the alerting role: ridden out, and no reason not to stop."""

import asyncio
import time
from pathlib import Path

import pytest

from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.embedded.runtime import Runtime
from tests.alerting.builders import hit, taken_back
from tests.kafka.alerting.test_role import Door, House, at_work, until
from tests.kafka.conftest import Topics


@pytest.mark.asyncio
async def test_a_broker_that_is_killed_loses_no_word_and_a_stop_does_not_wait_for_it(runtime: Runtime, tmp_path: Path):
    with EmbeddedBroker.start(tmp_path, free_port(), runtime=runtime, temporary=True) as broker:
        house, door = House(Topics(broker.address)), Door()
        async with at_work(house.alerting(), house.delivery(door)):
            await house.say(hit())
            await until(lambda: len(door.taken) == 1)
            broker.kill()
            await asyncio.sleep(2)
            await asyncio.to_thread(broker.restart)
            await house.say(taken_back(), hit(incident="i2", journey_id="j2"))
            await until(lambda: len(door.taken) == 3)
            assert len({message.id for message in door.taken}) == 3
            broker.kill()
            await asyncio.sleep(1)
            began = time.monotonic()
        assert time.monotonic() - began < 10
