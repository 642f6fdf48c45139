-- Friction: hits of patterns, one for each (person, pattern, key), with their evidence.
CREATE TABLE IF NOT EXISTS friction
(
    person_id String COMMENT 'Person at the time of writing; the view resolves it',
    hit_id String COMMENT 'Hash of pattern, person and key: a hit grows instead of multiplying',
    pattern LowCardinality(String) COMMENT 'Pattern',
    pattern_version Int64 COMMENT 'Version of the pattern',
    severity LowCardinality(String) COMMENT 'low, medium, high, critical',
    confidence Float64 COMMENT 'Confidence of the pattern, 0 to 1',
    score Float64 COMMENT 'Score, 0 to 100',
    incident_key String COMMENT 'Pattern and key without the person, so that a renamed person does not page twice',
    hit_key String COMMENT 'Key of the hit: a thread, or task and first evidence',
    brand LowCardinality(String) COMMENT 'Brand',
    task LowCardinality(String) COMMENT 'What the customer was doing, e.g. checkout; empty: not told',
    channel_from LowCardinality(String) COMMENT 'Channel where it went wrong',
    channel_to LowCardinality(String) COMMENT 'Channel where the customer ended up',
    location_id LowCardinality(String) COMMENT 'Location',
    first_at DateTime64(3, 'UTC') COMMENT 'First evidence',
    last_at DateTime64(3, 'UTC') COMMENT 'Last evidence',
    detected_at DateTime64(3, 'UTC') COMMENT 'When the pattern was complete',
    value_at_risk_minor Int64 COMMENT 'Value at risk, minor units',
    currency LowCardinality(String) COMMENT 'Its currency',
    evidence Array(String) COMMENT 'Touchpoint keys of the evidence, in order, in hex',
    path String COMMENT 'The evidence in short, for reading',
    parameters Map(LowCardinality(String), String) COMMENT 'Values of the parameters of the pattern',
    journey_id String COMMENT 'Journey it happened in; empty: none',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (person_id, hit_id)
SETTINGS non_replicated_deduplication_window = 10000;
