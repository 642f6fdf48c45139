-- How far has each source been read, and what became of its records?
-- Grain: one row for each source.
-- Caveats: `complete_up_to` is log time: a source that has stopped sending stays where it stopped.
-- Parameters: none.
-- Chart: accepted by source
SELECT
    source,
    complete_up_to,
    newest_event_time,
    accepted,
    late,
    dead,
    round(dead / greatest(1, accepted + late + dead), 4) AS dead_share
FROM freshness_v
ORDER BY complete_up_to, source;
