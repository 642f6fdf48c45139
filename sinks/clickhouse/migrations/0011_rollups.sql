-- Three more aggregates: steps of tasks, changes of channel, locations. Absolute values per partition of the stitcher,
-- replaced and not added; the views sum over partitions.

-- How far do people get in a task, by five minutes of event time? Inbound touchpoints that tell a task.
CREATE TABLE IF NOT EXISTS agg_task_funnel_5m
(
    `partition` Int64 COMMENT 'Partition of the stitcher that counted; the view sums over it',
    window_start DateTime64(3, 'UTC') COMMENT 'Begin of the five minutes of event time',
    brand LowCardinality(String) COMMENT 'Brand',
    task LowCardinality(String) COMMENT 'What the customer was doing, e.g. checkout',
    step_name LowCardinality(String) COMMENT 'Step of the task; empty: none told',
    channel LowCardinality(String) COMMENT 'Channel: web, app, kiosk, support, email ...',
    variant LowCardinality(String) COMMENT 'First experiment_id:variant of a configured experiment; empty: none',
    events Int64 COMMENT 'Touchpoints',
    people Int64 COMMENT 'Distinct people',
    started Int64 COMMENT 'Touchpoints with outcome started',
    progressed Int64 COMMENT 'Touchpoints with outcome progressed',
    completed Int64 COMMENT 'Touchpoints with outcome completed',
    failed Int64 COMMENT 'Touchpoints with outcome failed',
    abandoned Int64 COMMENT 'Touchpoints with outcome abandoned',
    duration_buckets Array(Int64) COMMENT 'Counts of durations in fixed logarithmic buckets (absolute, not running)',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (`partition`, window_start, brand, task, step_name, channel, variant)
SETTINGS non_replicated_deduplication_window = 10000;

-- Between which channels do people change within a journey, by fifteen minutes, and how well does it go on?
CREATE TABLE IF NOT EXISTS agg_channel_transition_15m
(
    `partition` Int64 COMMENT 'Partition of the stitcher that counted; the view sums over it',
    window_start DateTime64(3, 'UTC') COMMENT 'Begin of the fifteen minutes in which the later touchpoint is',
    brand LowCardinality(String) COMMENT 'Brand of the journey',
    channel_from LowCardinality(String) COMMENT 'Channel of the earlier touchpoint',
    channel_to LowCardinality(String) COMMENT 'Channel of the later touchpoint',
    task LowCardinality(String) COMMENT 'Task of the journey',
    lag LowCardinality(String) COMMENT 'Time between: 1m, 10m, 1h, 24h are upper bounds, included; more',
    transitions Int64 COMMENT 'Changes of channel; of one journey the first 64',
    people Int64 COMMENT 'Distinct people',
    seamless Int64 COMMENT 'What was known came along, and the task progressed or completed',
    converted Int64 COMMENT 'The journey was completed at or after it',
    with_friction Int64 COMMENT 'The journey has a hit of a pattern',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (`partition`, window_start, brand, channel_from, channel_to, task, lag)
SETTINGS non_replicated_deduplication_window = 10000;

-- What happens at each location, by fifteen minutes, and how much friction is found there?
CREATE TABLE IF NOT EXISTS agg_location_15m
(
    `partition` Int64 COMMENT 'Partition of the stitcher that counted; the view sums over it',
    window_start DateTime64(3, 'UTC') COMMENT 'Begin of the fifteen minutes of event time (of hits: of detected_at)',
    brand LowCardinality(String) COMMENT 'Brand',
    location_id LowCardinality(String) COMMENT 'Location (store, restaurant, branch)',
    channel LowCardinality(String) COMMENT 'Channel (of hits: where it went wrong)',
    task LowCardinality(String) COMMENT 'What the customer was doing, e.g. checkout; empty: not told',
    events Int64 COMMENT 'Touchpoints',
    people Int64 COMMENT 'Distinct people with such touchpoints',
    completed Int64 COMMENT 'Touchpoints with outcome completed',
    failed Int64 COMMENT 'Touchpoints with outcome failed',
    abandoned Int64 COMMENT 'Touchpoints with outcome abandoned',
    wait_buckets Array(Int64) COMMENT 'Counts of waits in fixed logarithmic buckets (absolute, not running)',
    hits Int64 COMMENT 'Hits of patterns detected then',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (`partition`, window_start, brand, location_id, channel, task)
SETTINGS non_replicated_deduplication_window = 10000;

-- How far did people get in a task, by five minutes? Summed over the partitions of the stitcher.
CREATE OR REPLACE VIEW agg_task_funnel_5m_v AS
SELECT
    window_start,
    brand,
    task,
    step_name,
    channel,
    variant,
    sum(t.events) AS events,
    sum(t.people) AS people,
    sum(t.started) AS started,
    sum(t.progressed) AS progressed,
    sum(t.completed) AS completed,
    sum(t.failed) AS failed,
    sum(t.abandoned) AS abandoned,
    sumForEach(t.duration_buckets) AS duration_buckets
FROM (SELECT * FROM agg_task_funnel_5m FINAL) AS t
GROUP BY window_start, brand, task, step_name, channel, variant;

-- Between which channels did people change within a journey? Summed over the partitions of the stitcher.
CREATE OR REPLACE VIEW agg_channel_transition_15m_v AS
SELECT
    window_start,
    brand,
    channel_from,
    channel_to,
    task,
    lag,
    sum(t.transitions) AS transitions,
    sum(t.people) AS people,
    sum(t.seamless) AS seamless,
    sum(t.converted) AS converted,
    sum(t.with_friction) AS with_friction
FROM (SELECT * FROM agg_channel_transition_15m FINAL) AS t
GROUP BY window_start, brand, channel_from, channel_to, task, lag;

-- What happened at each location? Summed over the partitions of the stitcher.
CREATE OR REPLACE VIEW agg_location_15m_v AS
SELECT
    window_start,
    brand,
    location_id,
    channel,
    task,
    sum(t.events) AS events,
    sum(t.people) AS people,
    sum(t.completed) AS completed,
    sum(t.failed) AS failed,
    sum(t.abandoned) AS abandoned,
    sumForEach(t.wait_buckets) AS wait_buckets,
    sum(t.hits) AS hits
FROM (SELECT * FROM agg_location_15m FINAL) AS t
GROUP BY window_start, brand, location_id, channel, task;
