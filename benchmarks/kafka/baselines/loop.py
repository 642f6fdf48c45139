"""The floor: a bare client, a dictionary, nothing durable. `python -m benchmarks.kafka.baselines.loop ORDER`."""

import asyncio
import sys

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.kafka.meter import COMMIT_SECONDS, Meter, Order, order_of
from benchmarks.kafka.small_job import HITS, SESSIONS, State, new_state, step


async def run(order: Order) -> None:
    """Read all events."""
    consumer = AIOKafkaConsumer(
        order.topic,
        bootstrap_servers=order.broker,
        group_id=order.application,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=int(COMMIT_SECONDS * 1000),
    )
    producer = AIOKafkaProducer(bootstrap_servers=order.broker, linger_ms=20)
    sessions, hits = order.output(SESSIONS), order.output(HITS)
    customers: dict[bytes, State] = {}
    meter, is_last = Meter(order.events), False
    await consumer.start()
    await producer.start()
    while not is_last:
        told: list[tuple[str, bytes, bytes]] = []
        for records in (await consumer.getmany(timeout_ms=500, max_records=5_000)).values():
            is_last = meter.see(len(records))
            for record in records:
                state = customers.get(record.key)
                if state is None:
                    state = customers[record.key] = new_state()
                closed, found = step(state, orjson.loads(record.value))
                meter.count(closed, found)
                if closed is not None:
                    told.append((sessions, record.key, orjson.dumps(closed)))
                told += ((hits, record.key, orjson.dumps(hit)) for hit in found)
        for topic, key, value in told:
            await producer.send(topic, value, key)
    await producer.flush()
    meter.end()
    await consumer.stop()
    await producer.stop()
    meter.report()


if __name__ == "__main__":
    asyncio.run(run(order_of(sys.argv[1])))
