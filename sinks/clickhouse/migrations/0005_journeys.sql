-- Sessions: one source, one device, no gap longer than the channel's.
CREATE TABLE IF NOT EXISTS sessions
(
    person_id String COMMENT 'Person at the time of writing; the view resolves it',
    session_id String COMMENT 'Hash of the key of its first touchpoint',
    source LowCardinality(String) COMMENT 'Configured source that sent the event',
    channel LowCardinality(String) COMMENT 'Channel of its first touchpoint',
    sub_channel LowCardinality(String) COMMENT 'Finer channel of its first touchpoint',
    brand LowCardinality(String) COMMENT 'Brand',
    location_id LowCardinality(String) COMMENT 'Location (store, restaurant, branch)',
    started_at DateTime64(3, 'UTC') COMMENT 'First touchpoint',
    ended_at DateTime64(3, 'UTC') COMMENT 'Last touchpoint',
    touchpoints Int64 COMMENT 'Number of touchpoints',
    errors Int64 COMMENT 'Touchpoints with an error or outcome failed',
    ended_explicitly Bool COMMENT 'Ended by an event that says so, not by the gap',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (person_id, session_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Journeys: one person, one goal, any channels.
CREATE TABLE IF NOT EXISTS journeys
(
    person_id String COMMENT 'Person at the time of writing; the view resolves it',
    journey_id String COMMENT 'Hash of the key of its first touchpoint and its task',
    task LowCardinality(String) COMMENT 'Task; browse where none was told',
    brand LowCardinality(String) COMMENT 'Brand',
    started_at DateTime64(3, 'UTC') COMMENT 'First touchpoint',
    ended_at DateTime64(3, 'UTC') COMMENT 'Last touchpoint',
    end_state LowCardinality(String) COMMENT 'open, completed, failed_final, superseded, abandoned',
    closed Bool COMMENT 'No touchpoint can be added any more',
    touchpoints Int64 COMMENT 'Number of touchpoints',
    touches Int64 COMMENT 'Inbound touchpoints',
    channels Array(LowCardinality(String)) COMMENT 'Distinct channels, sorted',
    switches Int64 COMMENT 'Changes of channel class between adjacent inbound touchpoints',
    errors Int64 COMMENT 'Touchpoints with an error or outcome failed',
    contacts Int64 COMMENT 'Contacts with support',
    entry_channel LowCardinality(String) COMMENT 'Channel of the first inbound touchpoint',
    exit_channel LowCardinality(String) COMMENT 'Channel of the last inbound touchpoint',
    value_minor Int64 COMMENT 'Sum of revenue, minor units',
    currency LowCardinality(String) COMMENT 'Currency of the value, the first met',
    continues String COMMENT 'Journey that this one continues after 14 days; empty: none',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (person_id, journey_id)
SETTINGS non_replicated_deduplication_window = 10000;
