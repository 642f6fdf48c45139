-- How do journeys end, task by task?
-- Grain: one row for each task and end state.
-- Caveats: `open` journeys may still end well; `share` is of the task's journeys. Values in different currencies stay
-- apart in `currency`.
-- Parameters: none.
-- Chart: journeys by task, end_state, currency
SELECT
    task,
    end_state,
    currency,
    count() AS journeys,
    round(count() / sum(count()) OVER (PARTITION BY task), 4) AS share,
    round(avg(length(channels)), 2) AS channels_average,
    countIf(length(channels) > 1) AS cross_channel,
    sum(contacts) AS contacts,
    round(quantileExact(0.5)(dateDiff('second', started_at, ended_at)), 0) AS median_seconds,
    sum(value_minor) AS value_minor
FROM journeys_v
GROUP BY task, end_state, currency
ORDER BY task, journeys DESC, end_state, currency;
