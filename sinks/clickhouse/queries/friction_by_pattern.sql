-- Which friction between channels costs most?
-- Grain: one row for each pattern, severity and pair of channels.
-- Caveats: a hit grows instead of multiplying, so hits are incidents of one person each; value at risk is not lost value,
-- and currencies stay apart.
-- Parameters: none.
-- Chart: hits by pattern, severity, channel_from, channel_to, currency
SELECT
    pattern,
    severity,
    channel_from,
    channel_to,
    currency,
    count() AS hits,
    uniqExact(person_id) AS people,
    round(avg(confidence), 3) AS confidence_average,
    round(avg(score), 1) AS score_average,
    sum(value_at_risk_minor) AS value_at_risk_minor,
    min(first_at) AS first_seen,
    max(last_at) AS last_seen
FROM friction_v
GROUP BY pattern, severity, channel_from, channel_to, currency
ORDER BY score_average * hits DESC, pattern, severity, channel_from, channel_to, currency;
