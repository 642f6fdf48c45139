-- Which journeys did people make, the newest first? Empty filters let everything through; with `crossing` = 1 only those
-- over more than one channel.
SELECT
    person_id, journey_id, task, brand, started_at, ended_at, end_state, closed, touchpoints, touches, channels, switches,
    errors, contacts, entry_channel, exit_channel, value_minor, currency, continues, stage, location_id, active_ms, wait_ms,
    steps_done, steps_total, completed_at, value_at_risk_minor, seamless_switches, effort, friction_score, hits, top_pattern
FROM journeys_v
WHERE ({task:String} = '' OR task = {task:String})
    AND ({state:String} = '' OR end_state = {state:String})
    AND ({pattern:String} = '' OR (person_id, journey_id) IN (
        SELECT person_id, journey_id FROM friction_v WHERE pattern = {pattern:String}
    ))
    AND ({crossing:UInt8} = 0 OR length(channels) > 1)
ORDER BY started_at DESC, journey_id
LIMIT {limit:UInt32};
