"""What a worker measures: plain numbers that loops keep, and the page Prometheus reads them from.

A loop asks once for the counts of its partition and then only adds to attributes: no label is looked up, no lock taken.
Names, meanings and remedies are in `metrics_catalogue.py`. Instants are wall-clock milliseconds.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from streams.intake.ledger import FLOOD_WINDOW, Ledger
from streams.intake.rejected import Reason
from streams.kafka.names import Place
from streams.kafka.operation.metrics_catalogue import CATALOGUE, LABELS, Kind, Metric, Part
from streams.kafka.operation.traces import Spans, no_spans

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
RECORDS: Final = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0)


class Buckets(msgspec.Struct):
    """A histogram: how many values were at most each of `bounds`, or above them all."""

    bounds: tuple[float, ...] = SECONDS
    counts: list[int] = []
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class IntakeCounts(msgspec.Struct):
    """One input partition. `lag` is records; `read_up_to`, `waiting_since` are instants, 0 for none."""

    records: int = 0
    accepted: int = 0
    late: int = 0
    dead: dict[str, int] = {}
    dead_ratio: float = 0.0
    is_stopped: bool = False
    set_aside: int = 0
    messages: int = 0
    lag: int = 0
    read_up_to: int = 0
    waiting_since: int = 0
    _marks: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))

    def read(self, ledger: Ledger) -> None:
        """Take over what intake counted; to be called after a poll. The ledger is this partition's alone."""
        self.records, self.accepted, self.late = ledger.records, ledger.accepted, ledger.late
        self.dead, self.set_aside = ledger.dead_reasons, ledger.dead_reasons[Reason.KILLED_WORKER]
        older, newer = self._marks
        if ledger.taken - newer[0] >= FLOOD_WINDOW:
            older, newer = self._marks = newer, (ledger.taken, ledger.dead)
        if ledger.taken > older[0]:
            self.dead_ratio = (ledger.dead - older[1]) / (ledger.taken - older[0])


class StitcherCounts(msgspec.Struct):
    """One partition of the stitcher. `log_time`, `waiting_since`, `transaction_since` are instants, 0 for none."""

    records: int = 0
    events: int = 0
    repeats: int = 0
    handoffs: int = 0
    rows: int = 0
    hits: int = 0
    changelog_bytes: int = 0
    checkpoint_seconds: Buckets = msgspec.field(default_factory=Buckets)
    checkpoint_records: Buckets = msgspec.field(default_factory=lambda: Buckets(RECORDS))
    evidence_lag: int = 0
    handoffs_lag: int = 0
    log_time: int = 0
    waiting_since: int = 0
    transaction_since: int = 0
    is_restored: bool = False
    restored_records: int = 0
    restore_records: int = 0
    restore_seconds: float = 0.0
    holders: int = 0
    people: int = 0
    identifiers: int = 0
    largest_cluster: int = 0
    _before: tuple[int, int] | None = None

    def restoring(self, done: int, total: int) -> None:
        """Note how far a restore is."""
        self.restored_records, self.restore_records = done, total

    def read(self, ledger: Mapping[str, int]) -> None:
        """Take over what holders counted (`Stitcher.post.ledger`); first right after the restore, then at checkpoints.

        The ledger lives on in the changelog; here only what came since that first call counts. A touchpoint told as new
        may turn out a repeat later, and a counter may not step back.
        """
        new, repeats = ledger.get("new", 0), ledger.get("repeat", 0)
        if self._before is None:
            self._before = new, repeats
        self.events = max(self.events, new - self._before[0])
        self.repeats = max(self.repeats, repeats - self._before[1])

    @property
    def largest_cluster_share(self) -> float:
        """Tell the share of the largest cluster in all identifiers anchored here."""
        return self.largest_cluster / max(self.identifiers, 1)


class WarehouseCounts(msgspec.Struct):
    """The warehouse sink. `failing_since` is when the first attempt failed since rows were last stored."""

    rows: dict[str, int] = {}
    inserts: int = 0
    rejected: int = 0
    retries: int = 0
    insert_seconds: Buckets = msgspec.field(default_factory=Buckets)
    waiting_rows: int = 0
    waiting_since: int = 0
    failing_since: int = 0
    stored_at: int = 0
    lag: dict[Place, int] = {}


class AlertingCounts(msgspec.Struct):
    """The first alerts, and their delivery by destination."""

    open: int = 0
    written: int = 0
    delivered: dict[str, int] = {}
    failed: dict[str, int] = {}
    undelivered: dict[str, int] = {}
    undelivered_since: int = 0
    lag: dict[Place, int] = {}


class GroupCounts(msgspec.Struct):
    """Membership of one consumer group. `rebalancing_since` is set when partitions are revoked, 0 when assigned."""

    partitions: int = 0
    rebalances: int = 0
    rebalancing_since: int = 0
    fenced: int = 0


class WorkerCounts(msgspec.Struct):
    """The process: its event loop, and what its log left out."""

    beat_at: int = 0
    loop_delay: Buckets = msgspec.field(default_factory=Buckets)
    suppressed_lines: int = 0
    messages_per_event: float = 0.0
    hops_per_event: float = 0.0


Counts = IntakeCounts | StitcherCounts | WarehouseCounts | AlertingCounts | GroupCounts | WorkerCounts


def wall_clock_ms() -> int:
    """Tell this machine's time in milliseconds."""
    return time.time_ns() // 1_000_000


class Metrics(Collector):
    """All counts of one process, with a registry of its own.

    A partition's counts begin when they are first asked for and are dropped by `forget_*` when it is given back, so
    that its next owner alone speaks of it. `spans` begins spans of traces, where somebody wants them.
    """

    def __init__(self, clock_ms: Callable[[], int] = wall_clock_ms) -> None:
        self.clock_ms = clock_ms
        self.spans: Spans = no_spans
        self.worker = WorkerCounts(beat_at=clock_ms())
        self.intakes: dict[Place, IntakeCounts] = {}
        self.stitchers: dict[int, StitcherCounts] = {}
        self.groups: dict[str, GroupCounts] = {}
        self.warehouse_or_none: WarehouseCounts | None = None
        self.alerting_or_none: AlertingCounts | None = None
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    @property
    def warehouse(self) -> WarehouseCounts:
        """Counts of the warehouse sink; from now on they are told."""
        if self.warehouse_or_none is None:
            self.warehouse_or_none = WarehouseCounts()
        return self.warehouse_or_none

    @property
    def alerting(self) -> AlertingCounts:
        """Counts of alerting; from now on they are told."""
        if self.alerting_or_none is None:
            self.alerting_or_none = AlertingCounts()
        return self.alerting_or_none

    def intake(self, place: Place) -> IntakeCounts:
        """Counts of one input partition."""
        return self.intakes.setdefault(place, IntakeCounts())

    def stitcher(self, partition: int) -> StitcherCounts:
        """Counts of one partition of the stitcher."""
        return self.stitchers.setdefault(partition, StitcherCounts())

    def group(self, role: str) -> GroupCounts:
        """Counts of the consumer group of a role; a new one is rebalancing until it is assigned."""
        return self.groups.setdefault(role, GroupCounts(rebalancing_since=self.clock_ms()))

    def forget_intake(self, place: Place) -> None:
        """Stop telling of an input partition that is given back."""
        self.intakes.pop(place, None)

    def forget_stitcher(self, partition: int) -> None:
        """Stop telling of a partition that is given back."""
        self.stitchers.pop(partition, None)

    def exposition(self) -> bytes:
        """Write all metrics in Prometheus' text format (`CONTENT_TYPE`); safe while loops count in other threads."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Family]:
        """Give every family of the catalogue that has a value now."""
        intakes, stitchers = self.intakes.copy().values(), self.stitchers.copy().values()
        events = max(sum(counts.accepted for counts in intakes), 1)
        handoffs = sum(counts.handoffs for counts in stitchers)
        self.worker.hops_per_event = handoffs / events
        self.worker.messages_per_event = (sum(counts.messages for counts in intakes) + handoffs) / events
        now = self.clock_ms()
        for metric in CATALOGUE:
            if metric.part is not Part.PROCESS:
                yield _family(metric, list(self._counts_of(metric.part)), now)

    def _counts_of(self, part: Part) -> Iterator[tuple[tuple[str, ...], Counts]]:
        """Pair the counts of a part with the values of its labels; copied, since other threads add partitions."""
        if part is Part.INTAKE:
            yield from (((topic, str(number)), each) for (topic, number), each in self.intakes.copy().items())
        elif part is Part.STITCHER:
            yield from (((str(partition),), each) for partition, each in self.stitchers.copy().items())
        elif part is Part.GROUP:
            yield from (((role,), each) for role, each in self.groups.copy().items())
        elif part is Part.WORKER:
            yield (), self.worker
        elif part is Part.WAREHOUSE and self.warehouse_or_none is not None:
            yield (), self.warehouse_or_none
        elif part is Part.ALERTING and self.alerting_or_none is not None:
            yield (), self.alerting_or_none


def _family(metric: Metric, told: list[tuple[tuple[str, ...], Counts]], now: int) -> Family:
    labels = (*LABELS[metric.part], *metric.by)
    if metric.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(metric.name, metric.meaning, labels=labels)
        for values, counts in told:
            buckets = getattr(counts, metric.field)
            histogram.add_metric(values, list(_cumulated(buckets)), sum_value=buckets.total)
        return histogram
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(metric.name, metric.meaning, labels=labels)
    for values, counts in told:
        for more, value in _values(getattr(counts, metric.field)):
            if value or metric.kind is not Kind.AGE:
                is_instant = value and metric.kind in (Kind.AGE, Kind.WAIT)
                family.add_metric((*values, *more), max(now - value, 0) / 1000 if is_instant else float(value))
    return family


def _values(field: int | dict[object, int]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Give the one value of a field, or those of a dict with its keys as labels."""
    if not isinstance(field, dict):
        yield (), field
        return
    for key, value in field.copy().items():
        yield (tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)), value


def _cumulated(buckets: Buckets) -> Iterator[tuple[str, float]]:
    below = 0
    for bound, count in zip((*map(str, buckets.bounds), "+Inf"), buckets.counts.copy(), strict=True):
        below += count
        yield bound, below
