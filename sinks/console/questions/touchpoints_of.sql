-- What does a pattern read of this person's touchpoints? All of them, oldest first, with the instant the warehouse has come to:
-- the newest received time, or the newest instant of friction, which may be found by time alone.
-- The ids the person ever had say, through the projection by person, where to look; the view says what holds.
WITH
    every AS
    (
        SELECT {person:String} AS id
        UNION DISTINCT
        SELECT alias FROM person_aliases_v WHERE person_id = {person:String}
    ),
    (SELECT greatest((SELECT max(received_at) FROM touchpoints), (SELECT max(detected_at) FROM friction))) AS newest
SELECT
    key, source, event_id, event_time, received_at, threads, channel, sub_channel, direction, name, outcome, outcome_reason,
    task, intent, brand, context_carried, location_id, location_type, step_name, step_index, error_code, error_class,
    error_http_status, value_amount_minor, value_currency, value_kind, promise_kind, promise_due_at, form_field_group,
    offer_id, offer_expires_at, eta_due_at, eta_previous_due_at, rx_days_supply_left, contact_dropped,
    contact_requested_by_agent, newest
FROM touchpoints_v
WHERE person_id = {person:String}
    AND (received_day, key) IN (SELECT received_day, key FROM touchpoints WHERE person_id IN (SELECT id FROM every))
ORDER BY event_time, source, event_id, key;
