"""Every metric, named once, with what it means and what to do about it; `docs/metrics.md` is generated from here.

`field` is where its value stands: an attribute of the counts in `metrics.py` that loops keep. Where that
is a dict, `by` names the labels its keys become. Names follow Prometheus: base units, `_total` for what only grows.
"""

from enum import StrEnum
from typing import Final

import msgspec


class Part(StrEnum):
    """Whose counts they are; the labels that come with it are in `LABELS`."""

    INTAKE = "intake"
    STITCHER = "stitcher"
    WAREHOUSE = "warehouse"
    ALERTING = "alerting"
    GROUP = "group"
    WORKER = "worker"
    PROCESS = "process"


class Kind(StrEnum):
    """What a field holds and how it is told.

    `age` and `wait` hold an instant in milliseconds and are told as seconds since then; 0 stands for never (nothing is
    told) and for nothing that waits (0 seconds is told).
    """

    COUNTER = "counter"
    GAUGE = "gauge"
    AGE = "age"
    WAIT = "wait"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True):
    """One metric. `remedy` is what a person on call does when it looks wrong."""

    part: Part
    field: str
    name: str
    kind: Kind
    meaning: str
    remedy: str
    by: tuple[str, ...] = ()


LABELS: Final[dict[Part, tuple[str, ...]]] = {
    Part.INTAKE: ("topic", "partition"),
    Part.STITCHER: ("partition",),
    Part.WAREHOUSE: (),
    Part.ALERTING: (),
    Part.GROUP: ("role",),
    Part.WORKER: (),
    Part.PROCESS: (),
}

WELL: Final = "Nothing: it explains the others."
ADD_WORKERS: Final = "Add workers, up to one per partition; if the broker or the disk is slow, mend that first."

INTAKE: Final = (
    Metric(Part.INTAKE, "records", "seamline_intake_records_total", Kind.COUNTER,
        "Input records read.", "Zero while producers write: see the lag, then `seamline doctor`."),
    Metric(Part.INTAKE, "accepted", "seamline_intake_accepted_total", Kind.COUNTER,
        "Events accepted; a record may hold several.", WELL),
    Metric(Part.INTAKE, "late", "seamline_intake_late_total", Kind.COUNTER,
        "Events received beyond the horizon: counted, in no journey.",
        "A source delivers late or its clock is wrong: ask `seamline query completeness` which."),
    Metric(Part.INTAKE, "dead", "seamline_intake_dead_total", Kind.COUNTER,
        "Events set aside as dead letters, by reason.",
        "`seamline dead-letters ls` shows them; mend the source, then replay them.", ("reason",)),
    Metric(Part.INTAKE, "dead_ratio", "seamline_intake_dead_ratio", Kind.GAUGE,
        "Share of dead letters among the last 1,000 to 2,000 events.",
        "Above 0.2 the partition stops: find the reason by seamline_intake_dead_total and `seamline dead-letters ls`."),
    Metric(Part.INTAKE, "is_stopped", "seamline_intake_stopped", Kind.GAUGE,
        "1 where a flood of dead letters stopped the partition, or a limit was met.",
        "Mend the source or its mapping, then restart the worker: it goes on where it stopped. Past what stands there"
        " already: `worker.stop_at_floods = false`."),
    Metric(Part.INTAKE, "set_aside", "seamline_intake_set_aside_total", Kind.COUNTER,
        "Records set aside unread because the process died at them again and again.",
        "A defect: keep the dead letter and report it."),
    Metric(Part.INTAKE, "messages", "seamline_intake_messages_total", Kind.COUNTER,
        "Messages written to `evidence`.", WELL),
    Metric(Part.INTAKE, "lag", "seamline_intake_lag_records", Kind.GAUGE,
        "Input records that stand on the broker and are not read yet.", ADD_WORKERS),
    Metric(Part.INTAKE, "read_up_to", "seamline_intake_event_time_lag_seconds", Kind.AGE,
        "How far behind now the log time of the input is.",
        "Grows without a record lag: the input is paused or stopped. Grows with one: add workers."),
    Metric(Part.INTAKE, "waiting_since", "seamline_intake_commit_age_seconds", Kind.WAIT,
        "Age of the oldest record that is read and not committed.",
        "The broker does not take `evidence`: look at the broker; work is kept and goes on by itself."),
)  # fmt: skip

STITCHER: Final = (
    Metric(Part.STITCHER, "records", "seamline_stitcher_records_total", Kind.COUNTER,
        "Messages of `evidence` and `handoffs` taken, the inputs' ticks among them.", WELL),
    Metric(Part.STITCHER, "events", "seamline_stitcher_events_total", Kind.COUNTER,
        "Touchpoints stitched for the first time.", WELL),
    Metric(Part.STITCHER, "repeats", "seamline_stitcher_repeats_total", Kind.COUNTER,
        "Touchpoints that were known: delivered again.", "Harmless; a sudden rise means that a source sends again."),
    Metric(Part.STITCHER, "handoffs", "seamline_stitcher_handoffs_total", Kind.COUNTER,
        "Messages that holders sent each other.", WELL),
    Metric(Part.STITCHER, "rows", "seamline_stitcher_rows_total", Kind.COUNTER,
        "Rows written to output topics.", "Rises against events: people are re-stitched; see the largest cluster."),
    Metric(Part.STITCHER, "hits", "seamline_stitcher_friction_rows_total", Kind.COUNTER,
        "Rows of friction written: hits, their growth and retractions.",
        "None for hours while events flow: run `seamline patterns test` and look at event-time lag."),
    Metric(Part.STITCHER, "changelog_bytes", "seamline_stitcher_changelog_bytes_total", Kind.COUNTER,
        "Bytes of state written to `changelog`.", WELL),
    Metric(Part.STITCHER, "checkpoint_seconds", "seamline_stitcher_checkpoint_seconds", Kind.HISTOGRAM,
        "How long checkpoints take, from settling to the commit.",
        "Above a second: the broker is slow, or the worker has too many partitions."),
    Metric(Part.STITCHER, "checkpoint_records", "seamline_stitcher_checkpoint_records", Kind.HISTOGRAM,
        "Records written by one checkpoint: rows, hand-offs and changelog.",
        "Large ones come with a backlog; while events are current, see what is re-stitched."),
    Metric(Part.STITCHER, "evidence_lag", "seamline_stitcher_evidence_lag_records", Kind.GAUGE,
        "Messages of `evidence` not taken yet.", ADD_WORKERS),
    Metric(Part.STITCHER, "handoffs_lag", "seamline_stitcher_handoffs_lag_records", Kind.GAUGE,
        "Messages of `handoffs` not taken yet.", ADD_WORKERS),
    Metric(Part.STITCHER, "log_time", "seamline_stitcher_event_time_lag_seconds", Kind.AGE,
        "How far behind now the partition's log time is; patterns of absence and closing journeys wait for it.",
        "All partitions: an input stands still (seamline_intake_event_time_lag_seconds). One: its worker is behind."),
    Metric(Part.STITCHER, "waiting_since", "seamline_stitcher_commit_age_seconds", Kind.WAIT,
        "Age of the oldest message taken and not committed.",
        "The broker refuses transactions or is slow; the worker rides it out, or leaves and restores."),
    Metric(Part.STITCHER, "transaction_since", "seamline_stitcher_open_transaction_age_seconds", Kind.WAIT,
        "Age of the open transaction; the broker aborts it at kafka.transaction_timeout_ms.",
        "It hides later records from readers: if it recurs, look at the broker's disk and network."),
    Metric(Part.STITCHER, "is_restored", "seamline_stitcher_restored", Kind.GAUGE,
        "1 where the partition's state stands, 0 while it is read from `changelog`.",
        "0 for minutes: see the progress of the restore."),
    Metric(Part.STITCHER, "restored_records", "seamline_stitcher_restored_records", Kind.GAUGE,
        "Changelog records read by the restore.", WELL),
    Metric(Part.STITCHER, "restore_records", "seamline_stitcher_restore_records", Kind.GAUGE,
        "Changelog records that the restore has to read.",
        "Many times the number of members: compaction does not run; check the topic with `seamline topics check`."),
    Metric(Part.STITCHER, "restore_seconds", "seamline_stitcher_restore_seconds", Kind.GAUGE,
        "How long the last restore took.", "Long: more partitions per worker than it has room for, or a slow broker."),
    Metric(Part.STITCHER, "holders", "seamline_stitcher_holders", Kind.GAUGE,
        "Identifiers held; counted about once a minute, as are the next four.", WELL),
    Metric(Part.STITCHER, "people", "seamline_stitcher_people", Kind.GAUGE, "People known.", WELL),
    Metric(Part.STITCHER, "identifiers", "seamline_stitcher_identifiers", Kind.GAUGE,
        "Strong identifiers in clusters that are anchored here.", WELL),
    Metric(Part.STITCHER, "largest_cluster", "seamline_stitcher_largest_cluster_identifiers", Kind.GAUGE,
        "Strong identifiers of the largest cluster.",
        "Hundreds: a value that is nobody's joins people. Find it by `seamline people show` and block it "
        "(identity.blocked)."),
    Metric(Part.STITCHER, "largest_cluster_share", "seamline_stitcher_largest_cluster_ratio", Kind.GAUGE,
        "Share of the largest cluster in all identifiers anchored here.", "As above, once there are thousands."),
)  # fmt: skip

WAREHOUSE: Final = (
    Metric(Part.WAREHOUSE, "rows", "seamline_warehouse_rows_total", Kind.COUNTER,
        "Rows stored, by table.", WELL, ("table",)),
    Metric(Part.WAREHOUSE, "inserts", "seamline_warehouse_inserts_total", Kind.COUNTER,
        "Inserts stored.", "Many small ones: raise the size of batches; ClickHouse merges them all again."),
    Metric(Part.WAREHOUSE, "rejected", "seamline_warehouse_rejected_rows_total", Kind.COUNTER,
        "Rows the warehouse can not hold, set aside.", "A defect or a changed table: see the log, then report it."),
    Metric(Part.WAREHOUSE, "retries", "seamline_warehouse_retries_total", Kind.COUNTER,
        "Attempts that failed and are repeated.", "The log names the error: reach, space, parts or memory."),
    Metric(Part.WAREHOUSE, "insert_seconds", "seamline_warehouse_insert_seconds", Kind.HISTOGRAM,
        "How long inserts take.", "Seconds: ClickHouse is short of memory, disk or merges."),
    Metric(Part.WAREHOUSE, "waiting_rows", "seamline_warehouse_waiting_rows", Kind.GAUGE,
        "Rows read from the broker and not stored yet.", "Bounded; at its bound reading pauses. See the errors."),
    Metric(Part.WAREHOUSE, "waiting_since", "seamline_warehouse_commit_age_seconds", Kind.WAIT,
        "Age of the oldest row read and not stored.",
        "`seamline doctor`, then mend ClickHouse; nothing is lost while the broker keeps the topics."),
    Metric(Part.WAREHOUSE, "failing_since", "seamline_warehouse_failing_seconds", Kind.WAIT,
        "How long every insert has failed.", "As above. Before topic retention ends, or rows are lost."),
    Metric(Part.WAREHOUSE, "stored_at", "seamline_warehouse_last_success_age_seconds", Kind.AGE,
        "Time since rows were last stored.", "Old and rows wait: as above. Old and none wait: no events."),
    Metric(Part.WAREHOUSE, "lag", "seamline_warehouse_lag_records", Kind.GAUGE,
        "Records of output topics not read yet.", "Falls by itself after an outage; else give ClickHouse more room.",
        ("topic", "partition")),
)  # fmt: skip

ALERTING: Final = (
    Metric(Part.ALERTING, "open", "seamline_alerting_open", Kind.GAUGE,
        "Alerts that are open.", "Look at them: `seamline friction`."),
    Metric(Part.ALERTING, "written", "seamline_alerting_written_total", Kind.COUNTER,
        "Records written to `alerts`: opened, grown, resolved.", WELL),
    Metric(Part.ALERTING, "delivered", "seamline_alerting_delivered_total", Kind.COUNTER,
        "Deliveries that the destination confirmed.", WELL, ("destination",)),
    Metric(Part.ALERTING, "failed", "seamline_alerting_failed_total", Kind.COUNTER,
        "Attempts that failed; they are repeated.",
        "The log names the answer: mend the address, the secret or the receiver.", ("destination",)),
    Metric(Part.ALERTING, "undelivered", "seamline_alerting_undelivered", Kind.GAUGE,
        "Alerts that wait to be delivered; they are kept.", "As above.", ("destination",)),
    Metric(Part.ALERTING, "undelivered_since", "seamline_alerting_undelivered_age_seconds", Kind.WAIT,
        "Age of the oldest alert that waits.", "As above; people are not told of friction meanwhile."),
    Metric(Part.ALERTING, "lag", "seamline_alerting_lag_records", Kind.GAUGE,
        "Records of `friction` and `journeys` not read yet.", "See whether the worker with role alerting runs.",
        ("topic", "partition")),
)  # fmt: skip

WORKER: Final = (
    Metric(Part.GROUP, "partitions", "seamline_group_partitions", Kind.GAUGE,
        "Partitions assigned to this worker.", "0 on some workers is right where there are more than partitions."),
    Metric(Part.GROUP, "rebalances", "seamline_group_rebalances_total", Kind.COUNTER,
        "Times partitions were given back to be assigned anew.",
        "Again and again: workers die or stall. See restarts, memory and loop delay."),
    Metric(Part.GROUP, "rebalancing_since", "seamline_group_rebalancing_seconds", Kind.WAIT,
        "How long the group has been without an assignment.", "Minutes: the broker's coordinator, or a stuck worker."),
    Metric(Part.GROUP, "fenced", "seamline_group_fenced_total", Kind.COUNTER,
        "Times another owner of a partition shut this worker out.",
        "Right after a stall. Without one: two applications share kafka.application."),
    Metric(Part.WORKER, "messages_per_event", "seamline_worker_messages_per_event", Kind.GAUGE,
        "Messages and hand-offs sent per event accepted, by this worker; over all workers by a recording rule.",
        "About 2 to 4; much more: links travel long ways, see the largest cluster."),
    Metric(Part.WORKER, "hops_per_event", "seamline_worker_hops_per_event", Kind.GAUGE,
        "Hand-offs sent per event accepted, likewise.", "As above."),
    Metric(Part.WORKER, "beat_at", "seamline_worker_heartbeat_age_seconds", Kind.AGE,
        "Time since the event loop was last free.", "Seconds: something blocks the loop; at 15 /livez fails."),
    Metric(Part.WORKER, "loop_delay", "seamline_worker_loop_delay_seconds", Kind.HISTOGRAM,
        "How late the event loop runs what is due.",
        "Above the heartbeat of the group, members are lost: fewer partitions per worker, or more processor."),
    Metric(Part.WORKER, "suppressed_lines", "seamline_worker_suppressed_log_lines_total", Kind.COUNTER,
        "Log lines left out because there were too many alike.", "The broker was away: see its own log."),
    Metric(Part.PROCESS, "", "process_resident_memory_bytes", Kind.GAUGE,
        "Memory of the process.", "Above 512 MB at usual load: fewer partitions per worker; see holders."),
    Metric(Part.PROCESS, "", "process_cpu_seconds_total", Kind.COUNTER,
        "Processor time used.", "Near one core: add workers."),
    Metric(Part.PROCESS, "", "process_open_fds", Kind.GAUGE,
        "Open files and connections.", "Grows without end: a defect; restart the worker and report it."),
    Metric(Part.PROCESS, "", "process_start_time_seconds", Kind.GAUGE,
        "When the process began.", "Changes often: it dies; see the log before the restart."),
)  # fmt: skip

CATALOGUE: Final = (*INTAKE, *STITCHER, *WAREHOUSE, *ALERTING, *WORKER)
"""Every metric, in the order of the way of an event."""
