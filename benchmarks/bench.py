"""What an event costs: `python -m benchmarks.bench [--events N] [--seed S] [--rounds R]`.

Ours and the baselines take turns in one run over the same events; each figure is the median of the rounds, in
microseconds of CPU per event, wall time beside. Ends with `RESULT {json}`, and with exit code 0 only where intake and
identity cost at most `RATIO_MAX` times the plain loop, and the whole pipeline with ClickHouse is at least
`SPEEDUP_MIN` times as fast as the naive one.
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
from benchmarks.measures import Rounds
from benchmarks.sampling import sampled
from benchmarks.sizes import Sizes, sizes_of
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
RATIO_MAX = 15.0
SPEEDUP_MIN = 3.0
AFTER_IDENTITY = ("timelines", "rollups", "publishing", "changelog")


class Result(msgspec.Struct, frozen=True):
    """The fields of the RESULT line; microseconds are CPU per event, `wall_us` the same in wall time."""

    events: int
    rounds: int
    stages: dict[str, float]
    total_us: float
    plain_loop_us: float
    ratio_to_plain_loop: float
    naive_us: float
    speedup_over_naive: float
    messages_per_event: float
    rows_out_per_event: float
    bytes_per_person: float
    touchpoints_per_person: float
    wall_us: dict[str, float]
    bytes_per_event: dict[str, float]

    @property
    def holds(self) -> bool:
        """Tell whether both bounds are kept."""
        return self.ratio_to_plain_loop <= RATIO_MAX and self.speedup_over_naive >= SPEEDUP_MIN


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=EVENTS, help="about how many events (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    lines = lines_of(asked.events, asked.seed)
    print(f"{len(lines)} generated events (seed {asked.seed}), {asked.rounds} rounds", flush=True)
    result = measure(lines, asked.rounds)
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    return 0 if result.holds else 1


def measure(lines: list[bytes], rounds: int) -> Result:
    """Measure everything over these lines."""
    calm_collector()
    costs = Rounds()
    samples = _measure_streams(lines, rounds, costs)
    records = records_of(lines)
    written = stitch(records)
    sizes = sizes_of(lines, list(taken(records)))
    _measure_warehouses(lines, written, rounds, costs)
    result = _result_of(costs, samples, sizes, (len(lines), rounds))
    _show(result, sizes)
    return result


def _measure_streams(lines: list[bytes], rounds: int, costs: Rounds) -> Counter[str]:
    """Rooms and the plain loop, before the embedded engine is there: its threads would be counted too."""
    records = records_of(lines)
    samples: Counter[str] = Counter()
    for number in range(rounds):
        costs.measure("plain_loop", len(lines), lambda: count_sessions(lines))
        costs.measure("intake", len(lines), lambda: take_in(records))
        costs.measure("placing", len(lines), lambda: place(records))
        samples += costs.measure("stitching", len(lines), lambda: sampled(lambda: stitch(records)))[1]
        print(f"round {number + 1} of the rooms and the plain loop is done", flush=True)
    return samples


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


def _result_of(costs: Rounds, samples: Counter[str], sizes: Sizes, run: tuple[int, int]) -> Result:
    names = ("plain_loop", "intake", "placing", "stitching", "warehouse", "naive")
    us = {name: costs.cost(name).cpu_us for name in names}
    wall = {name: round(costs.cost(name).wall_us, 2) for name in names}
    after = us["stitching"] - us["placing"]
    looked = sum(samples[stage] for stage in AFTER_IDENTITY) or 1
    stages = {"intake": us["intake"], "identity": us["placing"] - us["intake"]}
    stages |= {stage: after * samples[stage] / looked for stage in AFTER_IDENTITY}
    stages["warehouse"] = us["warehouse"]
    total = us["stitching"] + us["warehouse"]
    return Result(
        events=run[0],
        rounds=run[1],
        stages={stage: round(cost, 2) for stage, cost in stages.items()},
        total_us=round(total, 2),
        plain_loop_us=round(us["plain_loop"], 2),
        ratio_to_plain_loop=round(us["placing"] / us["plain_loop"], 2),
        naive_us=round(us["naive"], 2),
        speedup_over_naive=round(us["naive"] / total, 2),
        messages_per_event=round(sizes.messages, 3),
        rows_out_per_event=round(sizes.rows_out, 3),
        bytes_per_person=round(sizes.bytes_per_person, 1),
        touchpoints_per_person=round(sizes.touchpoints_per_person, 2),
        wall_us=wall,
        bytes_per_event={
            "input": round(sizes.input_bytes, 1),
            "evidence": round(sizes.evidence_bytes, 1),
            "handoffs": round(sizes.handoff_bytes, 1),
            "changelog": round(sizes.changelog_bytes, 1),
        },
    )


def _show(result: Result, sizes: Sizes) -> None:
    print(f"\n{'stage':14}{'us CPU per event':>18}")
    for stage, cost in result.stages.items():
        print(f"{stage:14}{cost:18.2f}")
    print(f"{'whole':14}{result.total_us:18.2f}")
    print(f"{'plain loop':14}{result.plain_loop_us:18.2f}   intake + identity: {result.ratio_to_plain_loop} times")
    print(f"{'naive':14}{result.naive_us:18.2f}   ours is {result.speedup_over_naive} times as fast\n")
    print(f"per event: {sizes.evidence_messages:.2f} messages of evidence, {sizes.handoff_messages:.2f} hand-offs,")
    print(f"  {sizes.changelog_records:.2f} changelog records, {sizes.rows_out:.2f} rows out")
    print(f"bytes per event: {result.bytes_per_event}")
    print(f"rows out per event by table: {sizes.rows_by_table}")
    print(
        f"{sizes.people} people with {sizes.touchpoints_per_person:.1f} touchpoints each on average: "
        f"{sizes.bytes_per_person:.0f} bytes of state a person\n"
    )


if __name__ == "__main__":
    sys.exit(main())
