-- What did one person do, in order, across channels?
-- Grain: one row for each touchpoint, oldest first.
-- Caveats: takes any id the person ever had. Bots and tests have no person and are not here.
-- The inner question, without FINAL, goes through the projection by person and finds where to look, under all ids of the
-- person; the view then says what holds.
-- Parameters: person (a person id); rows (at most so many).
-- Default rows: 1000
WITH
    present AS
    (
        SELECT {person:String} AS id
        UNION DISTINCT
        SELECT person_id FROM person_aliases_v WHERE alias = {person:String}
    ),
    every AS
    (
        SELECT id FROM present
        UNION DISTINCT
        SELECT alias FROM person_aliases_v WHERE person_id IN (SELECT id FROM present)
    )
SELECT
    event_time,
    channel,
    sub_channel,
    location_id,
    name,
    task,
    outcome,
    step_name,
    error_code,
    error_class,
    value_amount_minor,
    value_currency,
    duration_ms,
    direction,
    source,
    event_id,
    key,
    person_id
FROM touchpoints_v
WHERE person_id IN (SELECT id FROM present)
    AND (received_day, key) IN (SELECT received_day, key FROM touchpoints WHERE person_id IN (SELECT id FROM every))
ORDER BY event_time, source, event_id, key
LIMIT {rows:UInt32};
