"""Faust, an agent per event. `python -m benchmarks.kafka.baselines.faust_app dict|table ORDER`.

With `table` the state is a Faust Table: in memory, with a changelog record for each event. With `dict` it is a
dictionary that nothing restores.
"""

import os
import sys
from typing import cast

import faust
from faust.types import StreamT, TopicT

from benchmarks.kafka.events import Event
from benchmarks.kafka.meter import COMMIT_SECONDS, Meter, Order, order_of
from benchmarks.kafka.small_job import HITS, SESSIONS, new_state, step


def app_of(order: Order, *, with_table: bool) -> faust.App:
    """Make the app; it ends the process when all events are read."""
    app = faust.App(
        order.application,
        broker=f"kafka://{order.broker}",
        store="memory://",
        topic_partitions=order.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=COMMIT_SECONDS,
        datadir=order.folder,
    )

    def topic(name: str) -> TopicT:
        return app.topic(name, key_type=bytes, key_serializer="raw", value_serializer="json")

    sessions, hits = topic(order.output(SESSIONS)), topic(order.output(HITS))
    customers = app.Table("customers", partitions=order.partitions) if with_table else {}
    meter = Meter(order.events)

    @app.agent(topic(order.topic))
    async def track(stream: StreamT[Event]) -> None:
        async for key, event in stream.items():
            is_last = meter.see()
            customer = cast("bytes", key).decode()
            state = customers.get(customer)
            if state is None:
                state = new_state()
            closed, found = step(state, event)
            customers[customer] = state
            meter.count(closed, found)
            if closed is not None:
                await sessions.send(key=key, value=closed)
            for hit in found:
                await hits.send(key=key, value=hit)
            if is_last:
                meter.report()
                os._exit(0)

    return app


if __name__ == "__main__":
    made = app_of(order_of(sys.argv[2]), with_table=sys.argv[1] == "table")
    sys.argv = ["faust", "worker", "-l", "error", "--without-web"]
    made.main()
