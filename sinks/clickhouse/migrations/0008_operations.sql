-- What could not be read, and why. `raw` is encrypted, because it may hold plain identifiers.
CREATE TABLE IF NOT EXISTS dead_letters
(
    input LowCardinality(String) COMMENT 'Topic and partition, or file',
    position String COMMENT 'Offset or line there',
    reason LowCardinality(String) COMMENT 'Typed reason',
    detail String COMMENT 'What exactly was wrong',
    source LowCardinality(String) COMMENT 'Source, where it could be told',
    received_at DateTime64(3, 'UTC') COMMENT 'When it arrived',
    raw String COMMENT 'The record as it came, encrypted; at most 48 KiB of it',
    raw_bytes Int64 COMMENT 'Length of the record as it came, bytes',
    raw_hash String COMMENT 'Hash of the record as it came, in hex',
    key_id LowCardinality(String) COMMENT 'Key it is encrypted with',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (input, position)
SETTINGS non_replicated_deduplication_window = 10000;

-- Up to when each source has been read, and what became of its records.
CREATE TABLE IF NOT EXISTS freshness
(
    source LowCardinality(String) COMMENT 'Source',
    complete_up_to DateTime64(3, 'UTC') COMMENT 'Read up to this log time',
    accepted Int64 COMMENT 'Records accepted',
    late Int64 COMMENT 'Records too late to stitch',
    dead Int64 COMMENT 'Dead letters',
    newest_event_time DateTime64(3, 'UTC') COMMENT 'Newest event time seen',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (source)
SETTINGS non_replicated_deduplication_window = 10000;
