-- How much effort does a task cost people, and where does it come from?
-- Grain: one row for each task and channel of entry.
-- Caveats: effort is 0 to 100 and saturates; the averages of its causes are per journey. Open journeys are left out, since
-- they may still grow.
-- Parameters: none.
-- Chart: effort_average by task, entry_channel
SELECT
    task,
    entry_channel,
    count() AS journeys,
    round(avg(effort), 1) AS effort_average,
    round(quantileExact(0.9)(effort), 1) AS effort_p90,
    round(avg(switches), 2) AS switches,
    round(avg(retries), 2) AS retries,
    round(avg(backtracks + restarts), 2) AS done_again,
    round(avg(contacts), 2) AS contacts,
    round(avg(transfers + reauths), 2) AS handed_on,
    round(avg(wait_ms) / 60000, 1) AS minutes_waited,
    round(countIf(end_state = 'completed') / count(), 4) AS completed_share
FROM journeys_v
WHERE end_state != 'open'
GROUP BY task, entry_channel
ORDER BY effort_average DESC, journeys DESC, task, entry_channel;
