-- What became of a source is counted by each partition of an input for itself, since several workers may read it.

ALTER TABLE freshness
    ADD COLUMN IF NOT EXISTS input LowCardinality(String) COMMENT 'Partition of the input topic that counted; the view sums over it' AFTER source,
    MODIFY ORDER BY (source, input);

-- Up to when has each source been read?
CREATE OR REPLACE VIEW freshness_v AS
SELECT
    source,
    max(complete_up_to) AS complete_up_to,
    sum(accepted) AS accepted,
    sum(late) AS late,
    sum(dead) AS dead,
    max(newest_event_time) AS newest_event_time,
    max(revision) AS revision,
    max(ingested_at) AS ingested_at
FROM freshness FINAL
GROUP BY source;
