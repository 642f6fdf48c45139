-- What happens on which channel, minute by minute?
-- Grain: one row for each minute and channel.
-- Caveats: from the aggregates, so bots and tests are left out. `people` sums distinct people of finer cells, and so
-- counts somebody twice who did two kinds of things in that minute. The newest minutes still grow.
-- Parameters: rows (at most so many, the newest first).
-- Default rows: 500
-- Chart: events by window_start, channel
SELECT
    window_start,
    channel,
    sum(v.events) AS events,
    sum(v.people) AS people,
    sum(v.errors) AS errors,
    round(sum(v.errors) / sum(v.events), 4) AS error_share,
    sum(v.value_minor) AS value_minor
FROM agg_channel_1m_v AS v
GROUP BY window_start, channel
ORDER BY window_start DESC, channel
LIMIT {rows:UInt32};
