"""Quix Streams with state: RocksDB and a changelog. `python -m benchmarks.kafka.baselines.quix_app ORDER`."""

import sys

from quixstreams import Application, State  # type: ignore[import-not-found]  # in .venv-bench only

from benchmarks.kafka.events import Event
from benchmarks.kafka.meter import COMMIT_SECONDS, Meter, Order, order_of
from benchmarks.kafka.small_job import HITS, SESSIONS, Told, new_state, step


def run(order: Order) -> None:
    """Read all events, and stop."""
    app = Application(
        broker_address=order.broker,
        consumer_group=order.application,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        state_dir=order.folder,
        loglevel="ERROR",
    )
    sessions, hits = (
        app.topic(order.output(name), key_serializer="str", value_serializer="json") for name in (SESSIONS, HITS)
    )
    meter = Meter(order.events)

    def track(event: Event, store: State) -> list[tuple[str, Told]]:
        is_last = meter.see()
        state = store.get("state") or new_state()
        closed, found = step(state, event)
        store.set("state", state)
        meter.count(closed, found)
        if is_last:
            meter.end()
            app.stop()
        return ([(SESSIONS, closed)] if closed is not None else []) + [(HITS, hit) for hit in found]

    told = app.dataframe(app.topic(order.topic, key_deserializer="str", value_deserializer="json"))
    told = told.apply(track, stateful=True, expand=True)
    told.filter(lambda each: each[0] == SESSIONS).apply(lambda each: each[1]).to_topic(sessions)
    told.filter(lambda each: each[0] == HITS).apply(lambda each: each[1]).to_topic(hits)
    app.run()
    meter.report()


if __name__ == "__main__":
    run(order_of(sys.argv[1]))
