-- Which ways through the channels do journeys take, at which stage, and how do they end?
-- Grain: one row for each stage, end state and path: the channels of the inbound touchpoints, each as often as it is
-- come to, at most eight.
-- Caveats: open journeys may still go on. A longer path is cut, and ends with `...`.
-- Parameters: rows (at most so many, the most frequent first).
-- Default rows: 200
-- Chart: journeys by stage, end_state, path
WITH
    paths AS
    (
        SELECT
            published_person_id,
            journey_id,
            arrayMap(
                entry -> entry.2,
                arraySort(groupArray(((event_time, source, event_id, key), toString(channel))))) AS met,
            arrayFilter((channel, before) -> channel != before, met, arrayPushFront(arrayPopBack(met), '')) AS come_to
        FROM touchpoints_v
        WHERE journey_id != '' AND direction = 'inbound'
        GROUP BY published_person_id, journey_id
    )
SELECT
    j.stage AS stage,
    j.end_state AS end_state,
    concat(arrayStringConcat(arraySlice(p.come_to, 1, 8), ' > '), if(length(p.come_to) > 8, ' > ...', '')) AS path,
    count() AS journeys,
    uniqExact(j.person_id) AS people,
    round(quantileExact(0.5)(j.duration_ms) / 60000, 1) AS median_minutes,
    round(avg(j.effort), 1) AS effort_average,
    round(avg(j.friction_score), 1) AS friction_average,
    sum(j.contacts) AS contacts
FROM journeys_v AS j
LEFT JOIN paths AS p ON p.published_person_id = j.published_person_id AND p.journey_id = j.journey_id
GROUP BY stage, end_state, path
ORDER BY journeys DESC, stage, end_state, path
LIMIT {rows:UInt32};
