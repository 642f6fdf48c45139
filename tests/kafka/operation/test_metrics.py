"""Metrics: each is named once, told from plain numbers, and documented from the same place."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.cli import app, main
from streams.intake.ledger import Ledger
from streams.intake.rejected import Reason
from streams.kafka.operation.metrics import (
    AlertingCounts,
    GroupCounts,
    IntakeCounts,
    Metrics,
    StitcherCounts,
    WarehouseCounts,
    WorkerCounts,
)
from streams.kafka.operation.metrics_catalogue import CATALOGUE, LABELS, Kind, Part
from streams.kafka.operation.metrics_reference import metrics_reference
from streams.settings import IdentitySettings
from streams.settings_base import Section
from streams.settings_kafka import KafkaSettings, WorkerSettings

ROOT = Path(__file__).parents[3]
SECTIONS: dict[str, type[Section]] = {"kafka": KafkaSettings, "worker": WorkerSettings, "identity": IdentitySettings}
NOW = 1_772_709_300_000
COUNTS = {
    Part.INTAKE: IntakeCounts,
    Part.STITCHER: StitcherCounts,
    Part.WAREHOUSE: WarehouseCounts,
    Part.ALERTING: AlertingCounts,
    Part.GROUP: GroupCounts,
    Part.WORKER: WorkerCounts,
}


def told(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of the labels' names."""
    text = metrics.exposition().decode()
    families = text_string_to_metric_families(text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def everything() -> Metrics:
    """One of each part, all with labels of their own."""
    metrics = Metrics(lambda: NOW)
    metrics.intake(("web.events", 3)).dead = {"no_time": 2}
    metrics.stitcher(5).events = 7
    metrics.warehouse.lag[("seamline.people", 1)] = 4
    metrics.warehouse.rows["friction"] = 1
    metrics.alerting.delivered["webhook"] = 1
    metrics.group("stitcher")
    return metrics


@pytest.mark.parametrize("part", COUNTS)
def test_every_count_has_a_metric_and_every_metric_a_count(part: Part) -> None:
    fields = {name for name in COUNTS[part].__struct_fields__ if not name.startswith("_")}
    named = {metric.field for metric in CATALOGUE if metric.part is part}
    assert fields <= named
    assert [field for field in named if not hasattr(COUNTS[part](), field)] == []


def test_names_are_given_once_and_follow_prometheus() -> None:
    names = [metric.name for metric in CATALOGUE]
    assert len(set(names)) == len(names)
    assert [m.name for m in CATALOGUE if m.name.endswith("_total") != (m.kind is Kind.COUNTER)] == []
    timed = [m.name for m in CATALOGUE if m.kind in (Kind.AGE, Kind.WAIT)]
    assert [name for name in timed if not name.endswith("_seconds")] == []


def test_each_metric_says_its_meaning_and_remedy_in_a_sentence() -> None:
    assert [m.name for m in CATALOGUE if not (m.meaning.endswith(".") and m.remedy.endswith((".", ")")))] == []


def test_remedies_name_settings_and_commands_that_exist() -> None:
    settings = {f"{section}.{key}" for section, model in SECTIONS.items() for key in model.model_fields}
    said = " ".join(f"{metric.meaning} {metric.remedy}" for metric in CATALOGUE)
    named = set(re.findall(r"\b([a-z_]+\.[a-z_]+(?:_ms|_max)?)\b(?!\.)", said))
    assert named
    assert {name for name in named if name.split(".", 1)[0] in SECTIONS} == named & settings
    commands = {group.name for group in app.registered_groups} | {each.name for each in app.registered_commands}
    assert set(re.findall(r"`seamline ([a-z-]+)", said)) <= commands


def test_documentation_is_generated_from_the_catalogue() -> None:
    assert (ROOT / "docs/metrics.md").read_text() == metrics_reference(), "run: seamline metrics docs > docs/metrics.md"


def test_exposition_tells_what_loops_count_by_the_names_of_the_catalogue() -> None:
    samples = told(everything())
    assert samples["seamline_intake_dead_total", "3", "no_time", "web.events"] == 2
    assert samples["seamline_stitcher_events_total", "5"] == 7
    assert samples["seamline_warehouse_lag_records", "1", "seamline.people"] == 4
    assert samples["seamline_alerting_delivered_total", "webhook"] == 1
    exposed = {family.name for family in text_string_to_metric_families(everything().exposition().decode())}
    expected = {metric.name.removesuffix("_total") for metric in CATALOGUE}
    assert expected <= exposed


def test_labels_are_as_the_catalogue_says() -> None:
    by_name = {metric.name.removesuffix("_total"): {*LABELS[metric.part], *metric.by} for metric in CATALOGUE}
    for family in text_string_to_metric_families(everything().exposition().decode()):
        for sample in family.samples:
            assert sample.labels.keys() - {"le"} == by_name.get(family.name, set()), sample


def test_an_instant_is_told_as_its_age() -> None:
    metrics = Metrics(lambda: NOW)
    metrics.stitcher(0).log_time = NOW - 2_500
    metrics.stitcher(0).transaction_since = NOW - 1_000
    samples = told(metrics)
    assert samples["seamline_stitcher_event_time_lag_seconds", "0"] == 2.5
    assert samples["seamline_stitcher_open_transaction_age_seconds", "0"] == 1.0


def test_nothing_that_waits_is_no_age_and_no_first_instant_is_no_sample() -> None:
    metrics = Metrics(lambda: NOW)
    metrics.stitcher(0)
    samples = told(metrics)
    assert samples["seamline_stitcher_commit_age_seconds", "0"] == 0.0
    assert ("seamline_stitcher_event_time_lag_seconds", "0") not in samples


def test_a_clock_that_steps_back_makes_no_negative_age() -> None:
    metrics = Metrics(lambda: NOW)
    metrics.stitcher(0).log_time = NOW + 60_000
    assert told(metrics)["seamline_stitcher_event_time_lag_seconds", "0"] == 0.0


def test_a_partition_given_back_is_told_of_no_more() -> None:
    metrics = everything()
    metrics.forget_stitcher(5)
    metrics.forget_intake(("web.events", 3))
    names = {name for name, *_ in told(metrics)}
    assert "seamline_stitcher_events_total" not in names
    assert "seamline_intake_records_total" not in names


def test_a_role_that_does_not_run_is_not_told_of() -> None:
    assert not any(name.startswith(("seamline_warehouse", "seamline_alerting")) for name, *_ in told(Metrics()))


def test_histograms_are_cumulative() -> None:
    metrics = Metrics(lambda: NOW)
    for seconds in (0.02, 0.3, 60.0):
        metrics.stitcher(1).checkpoint_seconds.observe(seconds)
    samples = told(metrics)
    assert samples["seamline_stitcher_checkpoint_seconds_bucket", "0.025", "1"] == 1
    assert samples["seamline_stitcher_checkpoint_seconds_bucket", "0.5", "1"] == 2
    assert samples["seamline_stitcher_checkpoint_seconds_bucket", "+Inf", "1"] == 3
    assert samples["seamline_stitcher_checkpoint_seconds_count", "1"] == 3
    assert samples["seamline_stitcher_checkpoint_seconds_sum", "1"] == pytest.approx(60.32)


def test_hops_and_messages_per_event_are_of_all_partitions_together() -> None:
    metrics = Metrics(lambda: NOW)
    for partition, (accepted, messages, handoffs) in enumerate([(0, 10, 20), (10, 10, 0)]):
        metrics.intake(("web.events", partition)).accepted = accepted
        metrics.intake(("web.events", partition)).messages = messages
        metrics.stitcher(partition).handoffs = handoffs
    samples = told(metrics)
    assert samples["seamline_worker_messages_per_event",] == 4.0
    assert samples["seamline_worker_hops_per_event",] == 2.0


def test_dead_ratio_is_that_of_the_last_one_to_two_thousand_events() -> None:
    ledger, counts = Ledger(), IntakeCounts()
    for number in range(500):
        if number % 2:
            ledger.reject("web", Reason.NO_TIME)
        else:
            ledger.accept("web", NOW, NOW, is_late=False)
    counts.read(ledger)
    assert counts.dead_ratio == 0.5
    for _ in range(3):
        for _ in range(1_000):
            ledger.accept("web", NOW, NOW, is_late=False)
        counts.read(ledger)
    assert counts.dead_ratio == 0.0
    assert counts.dead == {"no_time": 250}


def test_a_record_set_aside_unread_is_counted_apart() -> None:
    ledger, counts = Ledger(), IntakeCounts()
    ledger.reject("web", Reason.KILLED_WORKER)
    counts.read(ledger)
    assert counts.set_aside == 1


def test_events_before_the_restore_are_not_counted_again() -> None:
    counts = StitcherCounts()
    counts.read(Counter(new=1_000, repeat=10))
    counts.read(Counter(new=1_003, repeat=11))
    counts.read(Counter(new=1_002, repeat=12))
    assert (counts.events, counts.repeats) == (3, 2)


def test_two_processes_in_one_share_nothing() -> None:
    first, second = everything(), Metrics(lambda: NOW)
    assert ("seamline_stitcher_events_total", "5") in told(first)
    assert ("seamline_stitcher_events_total", "5") not in told(second)


def test_counting_is_as_cheap_as_adding_to_a_number() -> None:
    counts: msgspec.Struct = Metrics().stitcher(0)
    assert not hasattr(counts, "__dict__")


def test_reference_is_printed_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "docs"]) == 0
    assert capsys.readouterr().out == metrics_reference()


def test_reference_needs_no_client_of_the_broker() -> None:
    code = "import sys, streams.commands.metrics; sys.exit('aiokafka' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
