"""Rules and dashboard name metrics that exist, with labels they have; and nothing they say is out of place."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from streams.kafka.operation.metrics_catalogue import CATALOGUE, LABELS, Kind
from tests.kafka.operation.promql import Expression

DEPLOY = Path(__file__).parents[3] / "deploy"
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((DEPLOY / "grafana/pipeline.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
OF_PROMETHEUS = {"job", "instance", "le"}


def samples() -> dict[str, set[str]]:
    """What can be asked for: samples of the catalogue and recorded ratios, with their labels."""
    found: dict[str, set[str]] = {rule["record"]: set() for rule in RULES if "record" in rule}
    for metric in CATALOGUE:
        labels = {*LABELS[metric.part], *metric.by}
        if metric.kind is Kind.HISTOGRAM:
            found |= {f"{metric.name}_{end}": labels for end in ("bucket", "sum", "count")}
        else:
            found[metric.name] = labels
    return found


SAMPLES = samples()


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", target["expr"]


@pytest.mark.parametrize(("place", "text"), list(expressions()), ids=lambda value: str(value)[:40])
def test_an_expression_is_understood_and_names_what_exists(place: str, text: str) -> None:
    expression = Expression(text)
    known = {named.metric: SAMPLES.get(named.metric) for named in expression.named}
    assert [metric for metric, labels in known.items() if labels is None] == []
    assert all(named.labels <= (known[named.metric] or set()) | OF_PROMETHEUS for named in expression.named)
    assert expression.grouped <= set().union(*(labels or set() for labels in known.values())) | OF_PROMETHEUS


@pytest.mark.parametrize("text", ["sum(rate(x[5m])", "x > ", "rate(x[5m]) y", "sum by (a b) c", "foo(x)", "x{a}"])
def test_what_is_no_promql_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        Expression(text)


def test_every_alert_says_what_happened_what_to_do_and_how_grave_it_is() -> None:
    alerts = [rule for rule in RULES if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts)
    for rule in alerts:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"].keys() == {"summary", "remedy"}
        assert rule["alert"].startswith("Seamline")


def test_an_alert_only_speaks_of_labels_that_its_expression_leaves() -> None:
    for rule in RULES:
        named = set(re.findall(r"\$labels\.(\w+)", rule.get("annotations", {}).get("summary", "")))
        assert named <= Expression(rule["expr"]).grouped, rule["alert"]


def test_counters_are_asked_for_their_rate_and_gauges_are_not() -> None:
    counted = {metric.name for metric in CATALOGUE if metric.kind is Kind.COUNTER}
    for place, text in expressions():
        rated = set(re.findall(r"(?:rate|increase)\((\w+)", text))
        named = {each.metric for each in Expression(text).named}
        assert {name.removesuffix("_bucket") for name in rated} <= counted | {
            metric.name for metric in CATALOGUE if metric.kind is Kind.HISTOGRAM
        }, place
        assert named & counted <= rated, place


def test_what_must_be_watched_is_in_the_rules() -> None:
    watched = {named.metric for rule in RULES if "alert" in rule for named in Expression(rule["expr"]).named}
    assert {
        "seamline_stitcher_event_time_lag_seconds",
        "seamline_stitcher_commit_age_seconds",
        "seamline_stitcher_open_transaction_age_seconds",
        "seamline_stitcher_restored",
        "seamline_stitcher_largest_cluster_identifiers",
        "seamline_warehouse_commit_age_seconds",
        "seamline_alerting_undelivered_age_seconds",
        "seamline:dead_letters:ratio_rate15m",
    } <= watched


def test_panels_neither_overlap_nor_leave_the_page() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_legends_show_labels_that_their_expression_leaves() -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            expression = Expression(target["expr"])
            left = expression.grouped or set().union(*(SAMPLES[each.metric] for each in expression.named))
            assert shown <= left | OF_PROMETHEUS, panel["title"]
