"""What a run of the benchmark says: the RESULT line, the bounds it is held to, and the same for people to read."""

from collections import Counter

import msgspec

from benchmarks.measures import Rounds
from benchmarks.sizes import Sizes

RATIO_MAX = 15.0
RATIO_PATTERNS_MAX = 30.0
SPEEDUP_MIN = 3.0
KEPT_MIN = 0.6
ROWS_OUT_MAX = 3.0
AFTER_IDENTITY = ("journeys", "friction", "rollups", "publishing", "changelog")
MEASURED = (
    "plain_loop", "plain_loop_patterns", "intake", "placing", "stitching", "few_patterns", "many_patterns", "few",
    "many", "warehouse", "naive",
)  # fmt: skip


class Run(msgspec.Struct, frozen=True):
    """How much was measured: events, rounds of them, and how many people many were."""

    events: int
    rounds: int
    people_many: int


class Result(msgspec.Struct, frozen=True):
    """The fields of the RESULT line; microseconds are CPU per event, `wall_us` the same in wall time.

    What is *kept* is the throughput with much over that with little: 100 patterns over 10, and 500,000 people (as many
    as `people_many` says, where the run is smaller) over a fiftieth of them.
    """

    events: int
    rounds: int
    stages: dict[str, float]
    total_us: float
    plain_loop_us: float
    ratio_to_plain_loop: float
    plain_loop_patterns_us: float
    ratio_to_plain_loop_patterns: float
    patterns_100_kept: float
    people_500k_kept: float
    people_many: int
    naive_us: float
    speedup_over_naive: float
    messages_per_event: float
    rows_out_per_event: float
    bytes_per_person: float
    touchpoints_per_person: float
    wall_us: dict[str, float]
    bytes_per_event: dict[str, float]
    rows_by_table: dict[str, float]

    @property
    def bounds(self) -> dict[str, bool]:
        """Tell of each bound whether it is kept."""
        return {
            f"ratio_to_plain_loop <= {RATIO_MAX:g}": self.ratio_to_plain_loop <= RATIO_MAX,
            f"ratio_to_plain_loop_patterns <= {RATIO_PATTERNS_MAX:g}": (
                self.ratio_to_plain_loop_patterns <= RATIO_PATTERNS_MAX
            ),
            f"patterns_100_kept >= {KEPT_MIN:g}": self.patterns_100_kept >= KEPT_MIN,
            f"people_500k_kept >= {KEPT_MIN:g}": self.people_500k_kept >= KEPT_MIN,
            f"speedup_over_naive >= {SPEEDUP_MIN:g}": self.speedup_over_naive >= SPEEDUP_MIN,
            f"rows_out_per_event <= {ROWS_OUT_MAX:g}": self.rows_out_per_event <= ROWS_OUT_MAX,
        }

    @property
    def holds(self) -> bool:
        """Tell whether all bounds are kept."""
        return all(self.bounds.values())


def result_of(costs: Rounds, samples: Counter[str], sizes: Sizes, run: Run) -> Result:
    """Put together what was measured."""
    us = {name: costs.cost(name).cpu_us for name in MEASURED}
    total = us["stitching"] + us["warehouse"]
    return Result(
        events=run.events,
        rounds=run.rounds,
        stages={stage: round(cost, 2) for stage, cost in _stages_of(us, samples).items()},
        total_us=round(total, 2),
        plain_loop_us=round(us["plain_loop"], 2),
        ratio_to_plain_loop=round(us["placing"] / us["plain_loop"], 2),
        plain_loop_patterns_us=round(us["plain_loop_patterns"], 2),
        ratio_to_plain_loop_patterns=round(us["stitching"] / us["plain_loop_patterns"], 2),
        patterns_100_kept=round(us["few_patterns"] / us["many_patterns"], 3),
        people_500k_kept=round(us["few"] / us["many"], 3),
        people_many=run.people_many,
        naive_us=round(us["naive"], 2),
        speedup_over_naive=round(us["naive"] / total, 2),
        messages_per_event=round(sizes.messages, 3),
        rows_out_per_event=round(sizes.rows_out, 3),
        bytes_per_person=round(sizes.bytes_per_person, 1),
        touchpoints_per_person=round(sizes.touchpoints_per_person, 2),
        wall_us={name: round(costs.cost(name).wall_us, 2) for name in MEASURED},
        bytes_per_event={
            "input": round(sizes.input_bytes, 1),
            "evidence": round(sizes.evidence_bytes, 1),
            "handoffs": round(sizes.handoff_bytes, 1),
            "changelog": round(sizes.changelog_bytes, 1),
        },
        rows_by_table=sizes.rows_by_table,
    )


def _stages_of(us: dict[str, float], samples: Counter[str]) -> dict[str, float]:
    """Split what the stitcher costs beyond identity by the samples of where it was."""
    after = us["stitching"] - us["placing"]
    looked = sum(samples[stage] for stage in AFTER_IDENTITY) or 1
    stages = {"intake": us["intake"], "identity": us["placing"] - us["intake"]}
    stages |= {stage: after * samples[stage] / looked for stage in AFTER_IDENTITY}
    stages["warehouse"] = us["warehouse"]
    return stages


def show(result: Result, sizes: Sizes) -> None:
    """Print it for people."""
    print(f"\n{'stage':14}{'us CPU per event':>18}")
    for stage, cost in result.stages.items():
        print(f"{stage:14}{cost:18.2f}")
    print(f"{'whole':14}{result.total_us:18.2f}")
    print(f"{'plain loop':14}{result.plain_loop_us:18.2f}   intake + identity: {result.ratio_to_plain_loop} times")
    print(
        f"{'with patterns':14}{result.plain_loop_patterns_us:18.2f}"
        f"   all but the warehouse: {result.ratio_to_plain_loop_patterns} times"
    )
    print(f"{'naive':14}{result.naive_us:18.2f}   ours is {result.speedup_over_naive} times as fast\n")
    print(f"throughput kept: {result.patterns_100_kept:.0%} from 10 to 100 patterns,")
    print(f"  {result.people_500k_kept:.0%} from {result.people_many // 50:,} to {result.people_many:,} people")
    print(f"per event: {sizes.evidence_messages:.2f} messages of evidence, {sizes.handoff_messages:.2f} hand-offs,")
    print(f"  {sizes.changelog_records:.2f} changelog records, {sizes.rows_out:.2f} rows out")
    print(f"bytes per event: {result.bytes_per_event}")
    print("rows out per event by table:")
    for table, rows in sorted(sizes.rows_by_table.items(), key=lambda entry: -entry[1]):
        print(f"  {table:26}{rows:8.3f}")
    print(
        f"{sizes.people} people with {sizes.touchpoints_per_person:.1f} touchpoints each on average: "
        f"{sizes.bytes_per_person:.0f} bytes of state a person"
    )
    for bound, kept in result.bounds.items():
        print(f"{'kept' if kept else 'BROKEN':7} {bound}")
    print()
