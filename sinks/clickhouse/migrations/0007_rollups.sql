-- What happens where, by the minute of event time. Absolute values per partition of the stitcher, replaced and not added.
CREATE TABLE IF NOT EXISTS agg_channel_1m
(
    `partition` Int64 COMMENT 'Partition of the stitcher that counted; the view sums over it',
    window_start DateTime64(3, 'UTC') COMMENT 'Begin of the minute of event time',
    brand LowCardinality(String) COMMENT 'Brand',
    channel LowCardinality(String) COMMENT 'Channel: web, app, kiosk, support, email ...',
    sub_channel LowCardinality(String) COMMENT 'Finer channel, e.g. phone, chat, ivr under support',
    location_id LowCardinality(String) COMMENT 'Location (store, restaurant, branch)',
    name LowCardinality(String) COMMENT 'What happened, e.g. payment.failed',
    outcome LowCardinality(String) COMMENT 'What became of the task: none, started, progressed, completed, failed, abandoned, unknown',
    events Int64 COMMENT 'Touchpoints',
    people Int64 COMMENT 'Distinct people',
    errors Int64 COMMENT 'Touchpoints with an error or outcome failed',
    value_minor Int64 COMMENT 'Sum of revenue, minor units',
    duration_buckets Array(Int64) COMMENT 'Counts of durations in fixed logarithmic buckets (absolute, not running)',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (`partition`, window_start, brand, channel, sub_channel, location_id, name, outcome)
SETTINGS non_replicated_deduplication_window = 10000;

-- Which friction is found, by five minutes of its detection. Absolute values per partition, replaced and not added.
CREATE TABLE IF NOT EXISTS agg_friction_5m
(
    `partition` Int64 COMMENT 'Partition of the stitcher that counted; the view sums over it',
    window_start DateTime64(3, 'UTC') COMMENT 'Begin of the five minutes of detected_at',
    pattern LowCardinality(String) COMMENT 'Pattern',
    severity LowCardinality(String) COMMENT 'Severity',
    brand LowCardinality(String) COMMENT 'Brand',
    channel_from LowCardinality(String) COMMENT 'Channel where it went wrong',
    channel_to LowCardinality(String) COMMENT 'Channel where the customer ended up',
    task LowCardinality(String) COMMENT 'What the customer was doing, e.g. checkout; empty: not told',
    location_id LowCardinality(String) COMMENT 'Location (store, restaurant, branch)',
    hits Int64 COMMENT 'Hits',
    people Int64 COMMENT 'Distinct people',
    value_at_risk_minor Int64 COMMENT 'Sum of the value at risk, minor units',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (`partition`, window_start, pattern, severity, brand, channel_from, channel_to, task, location_id)
SETTINGS non_replicated_deduplication_window = 10000;
