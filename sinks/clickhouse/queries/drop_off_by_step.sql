-- At which step, and on which channel, do journeys end without reaching their goal?
-- Grain: one row for each task, step and channel.
-- Caveats: only journeys that told steps and are over; one journey is counted at each step and channel it touched, and
-- drops off at the last of them. `step_index` is the least told. Times at a step are not in here: ask agg_task_funnel_5m_v.
-- Parameters: rows (at most so many, the most drop-offs first).
-- Default rows: 200
-- Chart: dropped_off by task, step_name, channel
WITH
    steps AS
    (
        SELECT
            published_person_id,
            journey_id,
            step_name,
            channel,
            min(step_index) AS least_index,
            max((event_time, source, event_id, key)) AS last_place
        FROM touchpoints_v
        WHERE journey_id != '' AND direction = 'inbound' AND step_name != ''
        GROUP BY published_person_id, journey_id, step_name, channel
    ),
    ranked AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY published_person_id, journey_id ORDER BY last_place DESC) = 1 AS is_last
        FROM steps
    )
SELECT
    j.task AS task,
    r.step_name AS step_name,
    r.channel AS channel,
    min(r.least_index) AS step_index,
    count() AS journeys,
    countIf(j.end_state = 'completed') AS completed,
    countIf(r.is_last AND j.end_state != 'completed') AS dropped_off,
    round(dropped_off / journeys, 4) AS drop_off
FROM ranked AS r
INNER JOIN journeys_v AS j ON j.published_person_id = r.published_person_id AND j.journey_id = r.journey_id
WHERE j.end_state != 'open'
GROUP BY task, step_name, channel
ORDER BY dropped_off DESC, task, step_name, channel
LIMIT {rows:UInt32};
