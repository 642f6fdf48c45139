"""What a run of `make bench-kafka` says: the RESULT line, the bounds it is held to, and the same for people to read."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

import msgspec

from benchmarks.kafka.contest import BASELINES, FAUST_TABLE, QUIX, SMALL, Run
from benchmarks.kafka.cost import Cost
from benchmarks.kafka.latency import percentile
from benchmarks.kafka.live import Live
from benchmarks.kafka.probes import Kind
from benchmarks.kafka.restoring import Restored
from benchmarks.kafka.sampled_worker import STAGES
from benchmarks.kafka.whole import Whole

FAUST_TABLE_MIN: Final = 3.0
QUIX_MIN: Final = 0.5
ANCHOR_MS_MAX: Final = 250.0
TWO_MS_MAX: Final = 600.0
WORST_MS_MAX: Final = 1_500.0
RESTORE_SECONDS_MAX: Final = 60.0
RESTORE_STATES: Final = 1_000_000
CATCH_UP_MIN: Final = 3.0


class Seen(msgspec.Struct, frozen=True):
    """Everything that was measured. `small` are runs of the small job by name, in step with `whole`."""

    small: Mapping[str, Sequence[Run]]
    whole: Sequence[Whole]
    live: Live
    restored: Restored


class Result(msgspec.Struct, frozen=True):
    """The fields of the RESULT line; costs are microseconds per event, ratios are speeds of ours over theirs."""

    events: int
    reps: int
    events_per_second: float
    cpu_us_per_event: float
    stages: dict[str, float]
    messages_per_event: float
    rows_out_per_event: float
    changelog_bytes_per_event: float
    peak_rss_mb: float
    ratio_faust_table: float
    ratio_small_job_quix: float
    latency_anchor_p99_ms: float
    latency_two_p99_ms: float
    latency_worst_p99_ms: float
    hops: dict[str, int]
    restore_states_per_second: float
    catch_up_ratio: float
    ratio_faust_table_cpu: float
    ratio_small_job_quix_cpu: float
    wall_us: dict[str, float]
    cpu_us: dict[str, float]
    events_of: dict[str, int]
    half_load_events_per_second: float
    unanswered_probes: int
    restored_states: int
    broken: list[str]


def result_of(seen: Seen) -> Result:
    """Put together what was measured."""
    costs: dict[str, Sequence[Cost]] = {**seen.small, "whole": seen.whole}
    whole = seen.whole
    cpu_us = median(run.cpu_us for run in whole)
    figures = Result(
        events=whole[0].events,
        reps=len(whole),
        events_per_second=round(1e6 / median(run.wall_us for run in whole), 1),
        cpu_us_per_event=round(cpu_us, 2),
        stages={stage: round(median(run.stages.get(stage, 0.0) * run.cpu_us for run in whole), 2) for stage in STAGES},
        messages_per_event=round(median(run.messages / run.events for run in whole), 3),
        rows_out_per_event=round(median(run.rows / run.events for run in whole), 3),
        changelog_bytes_per_event=round(median(run.changelog_bytes / run.events for run in whole), 1),
        peak_rss_mb=round(max(run.peak_rss_mb for run in whole), 1),
        ratio_faust_table=_ratio(seen.small[FAUST_TABLE], whole),
        ratio_small_job_quix=_ratio(seen.small[QUIX], seen.small[SMALL]),
        latency_anchor_p99_ms=round(seen.live.p99_ms(Kind.ANCHOR), 1),
        latency_two_p99_ms=round(seen.live.p99_ms(Kind.TWO), 1),
        latency_worst_p99_ms=round(seen.live.worst_p99_ms, 1),
        hops=dict(seen.live.hops),
        restore_states_per_second=round(seen.restored.states_per_second, 1),
        catch_up_ratio=round(seen.live.catch_up_ratio, 2),
        ratio_faust_table_cpu=_ratio(seen.small[FAUST_TABLE], whole, in_cpu=True),
        ratio_small_job_quix_cpu=_ratio(seen.small[QUIX], seen.small[SMALL], in_cpu=True),
        wall_us={name: round(median(run.wall_us for run in runs), 2) for name, runs in costs.items()},
        cpu_us={name: round(median(run.cpu_us for run in runs), 2) for name, runs in costs.items()},
        events_of={name: runs[0].events for name, runs in costs.items()},
        half_load_events_per_second=round(seen.live.rate, 1),
        unanswered_probes=seen.live.unanswered,
        restored_states=seen.restored.states,
        broken=[],
    )
    return msgspec.structs.replace(figures, broken=[bound for bound, kept in bounds_of(figures).items() if not kept])


def bounds_of(result: Result) -> dict[str, bool]:
    """Tell of each bound whether it is kept."""
    rate = RESTORE_STATES / RESTORE_SECONDS_MAX
    return {
        f"ratio_faust_table >= {FAUST_TABLE_MIN:g}": result.ratio_faust_table >= FAUST_TABLE_MIN,
        f"ratio_small_job_quix >= {QUIX_MIN:g}": result.ratio_small_job_quix >= QUIX_MIN,
        f"latency_anchor_p99_ms < {ANCHOR_MS_MAX:g}": result.latency_anchor_p99_ms < ANCHOR_MS_MAX,
        f"latency_two_p99_ms < {TWO_MS_MAX:g}": result.latency_two_p99_ms < TWO_MS_MAX,
        f"latency_worst_p99_ms < {WORST_MS_MAX:g}": result.latency_worst_p99_ms < WORST_MS_MAX,
        f"restore_states_per_second > {rate:.0f}": result.restore_states_per_second > rate,
        f"catch_up_ratio >= {CATCH_UP_MIN:g}": result.catch_up_ratio >= CATCH_UP_MIN,
    }


def show(result: Result, live: Live, restored: Restored) -> None:
    """Print it for people."""
    print(f"\n{'':12}{'events':>9}{'wall us/event':>16}{'CPU us/event':>16}")
    for name in (*BASELINES, SMALL, "whole"):
        print(f"{name:12}{result.events_of[name]:9}{result.wall_us[name]:16.2f}{result.cpu_us[name]:16.2f}")
    print(f"\n{'stage':14}{'CPU us/event':>14}")
    for stage, cost in result.stages.items():
        print(f"{stage:14}{cost:14.2f}")
    print(f"\nlatency at {live.rate:.0f} events a second, ms: {'p50':>12}{'p90':>9}{'p99':>9}{'most':>9}{'probes':>9}")
    for kind, found in live.latencies_ms.items():
        shares = "".join(f"{percentile(found, share):9.0f}" for share in (0.5, 0.9, 0.99))
        print(f"  {kind:43}{shares}{found[-1]:9.0f}{len(found):9}")
    print(f"hand-offs of an event: {result.hops}")
    print(
        f"{restored.states} states of {restored.people} people: {restored.reading:.1f} s to read, "
        f"{restored.rebuilding:.1f} s to work out; {restored.cpu:.1f} s of CPU, {restored.rss_mb:.0f} MB\n"
    )
    for bound, kept in bounds_of(result).items():
        print(f"{'kept' if kept else 'BROKEN':7} {bound}")
    print()


def _ratio(theirs: Sequence[Cost], ours: Sequence[Cost], *, in_cpu: bool = False) -> float:
    """Say how many times as fast ours is: the median of the ratios of each repetition, since machines drift."""
    pairs = zip(theirs, ours, strict=True)
    return round(
        median(their.cpu_us / our.cpu_us if in_cpu else their.wall_us / our.wall_us for their, our in pairs), 2
    )
