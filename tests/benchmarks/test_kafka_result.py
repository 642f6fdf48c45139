"""What `make bench-kafka` says of what it measured."""

import json
from pathlib import Path

import msgspec
import pytest

from benchmarks.kafka.contest import BASELINES, FAUST_TABLE, QUIX, SMALL, Run
from benchmarks.kafka.feeding import Probe
from benchmarks.kafka.latency import latencies_ms, percentile
from benchmarks.kafka.live import Live
from benchmarks.kafka.meter import REPORT, Meter, Order, order_of
from benchmarks.kafka.probes import Kind, before, fire, task_of
from benchmarks.kafka.restoring import Restored
from benchmarks.kafka.result import Result, Seen, bounds_of, result_of, show
from benchmarks.kafka.sampled_worker import OTHER, STAGES, stage_of
from benchmarks.kafka.whole import Whole, shares_since

MUST_SHOW = [
    "events_per_second", "cpu_us_per_event", "stages", "messages_per_event", "rows_out_per_event",
    "changelog_bytes_per_event", "peak_rss_mb", "ratio_faust_table", "ratio_small_job_quix", "latency_anchor_p99_ms",
    "latency_two_p99_ms", "latency_worst_p99_ms", "hops", "restore_states_per_second", "catch_up_ratio",
]  # fmt: skip


def run_of(wall_us: float) -> Run:
    return Run(events=1_000, wall=wall_us / 1_000, cpu=wall_us / 2_000, rss_mb=50, sessions=1, hits=2)


def seen(*, small: dict[str, float] | None = None, whole_us: float = 100, slow_ms: float = 200) -> Seen:
    costs = dict.fromkeys(BASELINES, 500.0) | {QUIX: 40.0, SMALL: 20.0} | (small or {})
    stages = dict.fromkeys(STAGES, 1 / len(STAGES))
    whole = Whole(2_000, whole_us * 2e-3, whole_us * 1e-3, stages, 2_400, 6_000, 800_000, 300)
    latencies = {kind.value: [float(ms) for ms in range(1, 100)] + [slow_ms] * 2 for kind in Kind}
    return Seen(
        small={name: [run_of(cost)] * 3 for name, cost in costs.items()},
        whole=[whole] * 3,
        live=Live(rate=500, latencies_ms=latencies, unanswered=0, hops={"0": 9, "2": 1}, catch_up_ratio=4),
        restored=Restored(states=1_000, people=500, reading=0.01, rebuilding=0.01, cpu=0.02, rss_mb=100),
    )


@pytest.fixture
def result() -> Result:
    return result_of(seen())


def test_line_holds_every_figure(result: Result):
    told = msgspec.to_builtins(result)
    assert all(told[name] for name in MUST_SHOW)
    assert json.loads(msgspec.json.encode(result))["hops"] == {"0": 9, "2": 1}


def test_ratios_are_speeds_of_ours_over_theirs(result: Result):
    assert (result.ratio_faust_table, result.ratio_small_job_quix) == (5.0, 2.0)
    assert result.events_per_second == 10_000
    assert sum(result.stages.values()) == pytest.approx(result.cpu_us_per_event, abs=0.1)


def test_per_event_figures_are_of_the_whole_job(result: Result):
    per_event = (result.messages_per_event, result.rows_out_per_event, result.changelog_bytes_per_event)
    assert per_event == (1.2, 3.0, 400.0)


def test_all_bounds_are_kept_by_a_good_run(result: Result):
    assert all(bounds_of(result).values())
    assert result.broken == []


@pytest.mark.parametrize(
    ("bad", "bound"),
    [
        (seen(whole_us=200), "ratio_faust_table >= 3"),
        (seen(small={SMALL: 100}), "ratio_small_job_quix >= 0.5"),
        (seen(slow_ms=260), "latency_anchor_p99_ms < 250"),
    ],
)
def test_a_broken_bound_is_named(bad: Seen, bound: str):
    assert result_of(bad).broken == [bound]


def test_a_slow_machine_of_one_repetition_does_not_decide():
    at_first = seen()
    slow = [run_of(50_000), run_of(500), run_of(500)]
    assert result_of(msgspec.structs.replace(at_first, small={**at_first.small, FAUST_TABLE: slow})).broken == []


def test_people_are_told_the_same(result: Result, capsys: pytest.CaptureFixture[str]):
    show(result, seen().live, seen().restored)
    said = capsys.readouterr().out
    assert "kept    catch_up_ratio >= 3" in said
    assert all(stage in said for stage in STAGES)


def test_percentile_is_a_value_that_was_seen():
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert percentile([float(ms) for ms in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0


def test_a_probe_without_an_answer_counts_as_ten_seconds():
    probes = [
        Probe(Kind.TWO, sent=1.0, answered=1.2),
        Probe(Kind.TWO, sent=1.0),
        Probe(Kind.TWO),
        Probe(Kind.ANCHOR, 1.0),
    ]
    assert latencies_ms(probes, Kind.TWO) == pytest.approx([200, 10_000])


def test_a_probe_names_only_what_its_kind_may_know():
    kinds = {kind: [each["kind"] for each in fire(kind, 1, 0)["identifiers"]] for kind in Kind}
    assert kinds == {
        Kind.ANCHOR: ["account_id", "device_id"],
        Kind.TWO: ["device_id"],
        Kind.JOINED: ["account_id", "email"],
    }
    assert {event["task"] for kind in Kind for event in before(kind, 7, 0)} == {task_of(7)}


def test_an_order_survives_the_command_line():
    order = Order("localhost:1", "p.", "p.evidence", 4, 10, "a", "/tmp")
    assert order_of(json.dumps(order._asdict())) == order
    assert order.output("hits") == "p.hits"


def test_a_meter_counts_from_the_first_record_to_the_last(capsys: pytest.CaptureFixture[str]):
    meter = Meter(5)
    assert [meter.see(2), meter.see(2), meter.see()] == [False, False, True]
    meter.count({"session": 1}, [])
    meter.count(None, [1, 2])
    report = meter.told()
    assert (report["events"], report["sessions"], report["hits"]) == (5, 1, 2)
    assert REPORT.strip().isupper()


def test_stages_are_told_by_the_innermost_place_that_has_one():
    assert stage_of(None) == OTHER


def test_shares_are_of_what_came_after_the_beginning(tmp_path: Path):
    samples = tmp_path / "samples"
    looks = [(1.0, {"take": 5.0}), (2.0, {"take": 6.0, "settle": 3.0}), (3.0, {"take": 7.0, "settle": 6.0})]
    samples.write_text("".join(json.dumps({"at": at, "seconds": seconds}) + "\n" for at, seconds in looks) + '{"at')
    assert shares_since(samples, 1.5) == {"settle": 0.75, "take": 0.25}
