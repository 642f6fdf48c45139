-- Which event ids are shown for more than one person?
-- Grain: one row for each source and event id.
-- Caveats: two events of a sender under one id, or one event sent again naming another person; both are shown.
-- Parameters: rows (at most so many, the newest first).
-- Default rows: 100
SELECT
    source,
    event_id,
    length(person_ids) AS people,
    person_ids,
    touchpoints,
    first_event_time
FROM id_conflicts_v
ORDER BY first_event_time DESC, source, event_id
LIMIT {rows:UInt32};
