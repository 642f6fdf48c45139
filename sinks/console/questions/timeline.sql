-- What happened to this person, in order? The newest touchpoints, as many as asked for. The ids the person ever had say,
-- through the projection by person, where to look; the view says what holds.
WITH every AS
(
    SELECT {person:String} AS id
    UNION DISTINCT
    SELECT alias FROM person_aliases_v WHERE person_id = {person:String}
)
SELECT
    key, event_id, source, event_time, channel, sub_channel, direction, name, outcome, outcome_reason, task, intent, brand,
    tz_offset_min, step_name, step_index, step_total, error_code, error_class, value_amount_minor, value_currency,
    location_id, strong, devices, threads, journey_id, duration_ms, wait_ms, context_carried
FROM
(
    SELECT *
    FROM touchpoints_v
    WHERE person_id = {person:String}
        AND (received_day, key) IN (SELECT received_day, key FROM touchpoints WHERE person_id IN (SELECT id FROM every))
    ORDER BY event_time DESC, source DESC, event_id DESC, key DESC
    LIMIT {limit:UInt32}
)
ORDER BY event_time, source, event_id, key;
