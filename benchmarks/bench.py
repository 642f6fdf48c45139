"""What an event costs: `python -m benchmarks.bench [--events N] [--seed S] [--rounds R]`.

Ours and the baselines take turns in one run over the same events; each figure is the median of the rounds, in
microseconds of CPU per event, wall time beside. Then: what a hundred patterns cost, and half a million people. Ends
with `RESULT {json}`, and with exit code 0 only where every bound in `result.py` is kept.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.baselines.naive_pipeline import NaivePipeline, avro_of
from benchmarks.baselines.plain_loop import count_sessions
from benchmarks.baselines.plain_loop_patterns import count_hits
from benchmarks.catalogues import book_of
from benchmarks.crowds import measure_crowds
from benchmarks.measures import Rounds
from benchmarks.result import Result, Run, result_of, show
from benchmarks.sampling import sampled
from benchmarks.sizes import sizes_of
from benchmarks.stages import place, stitch, take_in, taken
from benchmarks.workload import lines_of, records_of
from schemas.rows import Table, Upsert
from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import BATCH_ROWS_MAX, Warehouse
from streams.commands.running import Outbox
from streams.local.process import calm_collector

EVENTS = 100_000
ROUNDS = 3
NAIVE_EVENTS = 20_000
"""The naive pipeline is slow and its cost per event even, so it is measured over the first of the events."""
PATTERNS_SHARE = 0.4
"""The share of the events that few and many patterns are measured over; the first of them."""
FEW_PATTERNS = 10
MANY_PATTERNS = 100
PEOPLE_PER_EVENT = 0.1
PEOPLE_MAX = 10_000
"""Few people are so many, at most; many people are fifty times as many."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=EVENTS, help="about how many events (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    lines = lines_of(asked.events, asked.seed)
    print(f"{len(lines)} generated events (seed {asked.seed}), {asked.rounds} rounds", flush=True)
    few = min(PEOPLE_MAX, round(asked.events * PEOPLE_PER_EVENT))
    result = measure(lines, asked.rounds, few, asked.seed)
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    return 0 if result.holds else 1


def measure(lines: list[bytes], rounds: int, few: int, seed: int) -> Result:
    """Measure everything over these lines, and among so few people and fifty times as many."""
    calm_collector()
    costs = Rounds()
    samples = _measure_streams(lines, rounds, costs)
    _measure_catalogues(lines[: round(len(lines) * PATTERNS_SHARE)], rounds, costs)
    people = measure_crowds(few, seed, costs)
    records = records_of(lines)
    written = stitch(records)
    sizes = sizes_of(lines, list(taken(records)))
    _measure_warehouses(lines, written, rounds, costs)
    result = result_of(costs, samples, sizes, Run(len(lines), rounds, people))
    show(result, sizes)
    return result


def _measure_streams(lines: list[bytes], rounds: int, costs: Rounds) -> Counter[str]:
    """Rooms and the plain loops, before the embedded engine is there: its threads would be counted too."""
    records = records_of(lines)
    samples: Counter[str] = Counter()
    for number in range(rounds):
        costs.measure("plain_loop", len(lines), lambda: count_sessions(lines))
        costs.measure("plain_loop_patterns", len(lines), lambda: count_hits(lines))
        costs.measure("intake", len(lines), lambda: take_in(records))
        costs.measure("placing", len(lines), lambda: place(records))
        samples += costs.measure("stitching", len(lines), lambda: sampled(lambda: stitch(records)))[1]
        print(f"round {number + 1} of the rooms and the plain loops is done", flush=True)
    return samples


def _measure_catalogues(lines: list[bytes], rounds: int, costs: Rounds) -> None:
    """The whole core with few patterns and with many, by turns; what is many beyond those shipped matches nothing."""
    records = records_of(lines)
    few, many = book_of(FEW_PATTERNS), book_of(MANY_PATTERNS)
    for _ in range(rounds):
        costs.measure("few_patterns", len(lines), lambda: stitch(records, few))
        costs.measure("many_patterns", len(lines), lambda: stitch(records, many))
    print(f"{FEW_PATTERNS} patterns, and {MANY_PATTERNS}, are done", flush=True)


def _measure_warehouses(lines: list[bytes], written: list[list[Upsert]], rounds: int, costs: Rounds) -> None:
    """Our inserts and the naive pipeline take turns on one embedded engine, each in empty tables."""
    told = avro_of(lines[:NAIVE_EVENTS])
    with tempfile.TemporaryDirectory(prefix="seamline-bench-") as name, connect(f"chdb://{name}") as client:
        migrate(client)
        warehouse = Warehouse(client)
        for number in range(rounds):
            _empty(client)
            costs.measure("warehouse", len(lines), lambda: _insert(written, warehouse))
            _empty(client)
            naive = NaivePipeline(Path(name))
            costs.measure("naive", len(told), lambda naive=naive: naive.run(told))  # type: ignore[misc]
            naive.close()
            print(f"round {number + 1} of ClickHouse is done", flush=True)


def _insert(written: list[list[Upsert]], warehouse: Warehouse) -> None:
    """Insert as a run does: rows of several commits together."""
    outbox = Outbox(warehouse, BATCH_ROWS_MAX)
    for rows in written:
        outbox.publish(rows)
        if outbox.is_full:
            outbox.flush()
    outbox.flush()


def _empty(client: Client) -> None:
    for table in Table:
        client.command(f"TRUNCATE TABLE {table.value}")


if __name__ == "__main__":
    sys.exit(main())
