-- Who the people are: one row for each present person.
CREATE TABLE IF NOT EXISTS people
(
    person_id String COMMENT 'Person: hash of the canonical identifier',
    basis LowCardinality(String) COMMENT 'What names the person: strong, device or thread',
    canonical String COMMENT 'Canonical (smallest) identifier, in hex',
    identifiers Array(String) COMMENT 'All identifiers of the person, in hex, sorted',
    kinds Array(LowCardinality(String)) COMMENT 'Kind of each identifier, in the same order',
    flags Array(LowCardinality(String)) COMMENT 'junk, limited, quarantined',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (person_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Which person any id means, now: every id a person could have had points to the present one.
CREATE TABLE IF NOT EXISTS person_aliases
(
    alias String COMMENT 'Id this person would have, were the identifier its smallest; any id ever published is one',
    valid_from DateTime64(3, 'UTC') COMMENT 'From when on (event time) the alias means this person; the first row also holds before it',
    identifier String COMMENT 'The identifier, in hex',
    kind LowCardinality(String) COMMENT 'Its kind',
    person_id String COMMENT 'The present person',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (alias, valid_from)
SETTINGS non_replicated_deduplication_window = 10000;

-- Why two identifiers are (or are not) the same person: links, decisions and claims with their reasons.
CREATE TABLE IF NOT EXISTS identity_log
(
    entry LowCardinality(String) COMMENT 'link, decision or claim',
    left_id String COMMENT 'Smaller end of the pair, or the device or thread claimed, in hex',
    right_id String COMMENT 'Larger end, or the claimant, in hex',
    left_kind LowCardinality(String) COMMENT 'Kind of the left end',
    right_kind LowCardinality(String) COMMENT 'Kind of the right end',
    verdict LowCardinality(String) COMMENT 'joined, shared, split, allowed, limited, junk or claimed',
    reason LowCardinality(String) COMMENT 'Why, in words',
    first_seen DateTime64(3, 'UTC') COMMENT 'When the evidence is from',
    person_id String COMMENT 'Person of the smaller end; empty for claims',
    revision UInt64 COMMENT 'Of one key the greatest revision holds',
    is_deleted UInt8 COMMENT '1: a retraction; the row is gone',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was inserted; outside the promise of equal tables'
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (entry, left_id, right_id)
SETTINGS non_replicated_deduplication_window = 10000;
