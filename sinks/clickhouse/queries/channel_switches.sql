-- Between which channels do people switch within a journey, and how many switches are seamless?
-- Grain: one row for each pair of channels and task.
-- Caveats: from the aggregates; of one journey the first 64 switches count. Seamless means that what was known came
-- along and the task progressed or was completed; converted, that the journey was completed at or after the switch.
-- Parameters: rows (at most so many, the most frequent first).
-- Default rows: 200
-- Chart: transitions by channel_from, channel_to, task
SELECT
    channel_from,
    channel_to,
    task,
    sum(v.transitions) AS transitions,
    sum(v.seamless) AS seamless,
    round(sum(v.seamless) / sum(v.transitions), 4) AS seamless_share,
    round(sum(v.converted) / sum(v.transitions), 4) AS converted_share,
    round(sum(v.with_friction) / sum(v.transitions), 4) AS with_friction_share,
    round(sumIf(v.transitions, v.lag IN ('1m', '10m')) / sum(v.transitions), 4) AS within_ten_minutes_share
FROM agg_channel_transition_15m_v AS v
GROUP BY channel_from, channel_to, task
ORDER BY transitions DESC, channel_from, channel_to, task
LIMIT {rows:UInt32};
