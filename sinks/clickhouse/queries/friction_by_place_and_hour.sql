-- Which friction is met where, and at which hour of the day?
-- Grain: one row for each pattern, location and hour of the day (UTC).
-- Caveats: from the aggregates, by the time a hit was detected, which for what did not happen is its deadline. No
-- location: it did not happen at one, or at none that is told.
-- Parameters: rows (at most so many, the most hits first).
-- Default rows: 500
-- Chart: hits by pattern, location_id, hour
SELECT
    pattern,
    location_id,
    toHour(window_start) AS hour,
    sum(v.hits) AS hits,
    sumIf(v.hits, v.severity IN ('high', 'critical')) AS severe,
    uniqExact(toDate(window_start)) AS days,
    arraySort(groupUniqArray(v.channel_from)) AS channels,
    sum(v.value_at_risk_minor) AS value_at_risk_minor
FROM agg_friction_5m_v AS v
GROUP BY pattern, location_id, hour
ORDER BY hits DESC, pattern, location_id, hour
LIMIT {rows:UInt32};
