-- Which touchpoints are these (keys in hex), in order?
SELECT
    key, event_id, source, event_time, channel, sub_channel, direction, name, outcome, outcome_reason, task, intent, brand,
    tz_offset_min, step_name, step_index, step_total, error_code, error_class, value_amount_minor, value_currency,
    location_id, strong, devices, threads
FROM touchpoints_v
WHERE key IN {keys:Array(String)}
ORDER BY event_time, source, event_id, key;
