-- Which friction puts the most value at risk?
-- Grain: one row for each pattern, task and currency.
-- Caveats: value at risk is the greatest amount told in a hit's evidence, not lost value: `lost` counts only hits whose
-- journey was over and not completed. Two patterns that share events both count them; currencies stay apart.
-- Parameters: rows (at most so many, the most expensive first).
-- Default rows: 100
-- Chart: value_at_risk_minor by pattern, task, currency
SELECT
    f.pattern AS pattern,
    f.task AS task,
    f.currency AS currency,
    count() AS hits,
    uniqExact(f.person_id) AS people,
    sum(f.value_at_risk_minor) AS value_at_risk_minor,
    sumIf(f.value_at_risk_minor, j.end_state IN ('abandoned', 'failed_final', 'escalated_open')) AS lost_minor,
    round(avg(f.score), 1) AS score_average,
    round(countIf(j.end_state = 'completed') / count(), 4) AS completed_share
FROM friction_v AS f
LEFT JOIN journeys_v AS j ON j.published_person_id = f.published_person_id AND j.journey_id = f.journey_id
GROUP BY pattern, task, currency
ORDER BY value_at_risk_minor DESC, hits DESC, pattern, task, currency
LIMIT {rows:UInt32};
