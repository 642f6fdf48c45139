-- Who was met on the most channels?
SELECT
    substring(person_id, 1, 12) AS person,
    arrayStringConcat(arraySort(groupUniqArray(channel)), ' · ') AS channels,
    count() AS touchpoints,
    min(event_time) AS first_at
FROM touchpoints_v
WHERE person_id != '' AND NOT is_bot AND NOT is_test
GROUP BY person_id
ORDER BY uniqExact(channel) DESC, touchpoints DESC, person_id
LIMIT 5;
