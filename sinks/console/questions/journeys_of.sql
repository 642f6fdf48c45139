-- Which journeys did this person make?
SELECT
    person_id, journey_id, task, brand, started_at, ended_at, end_state, closed, touchpoints, touches, channels, switches,
    errors, contacts, entry_channel, exit_channel, value_minor, currency, continues, stage, location_id, active_ms, wait_ms,
    steps_done, steps_total, completed_at, value_at_risk_minor, seamless_switches, effort, friction_score, hits, top_pattern
FROM journeys_v
WHERE person_id = {person:String}
ORDER BY started_at, journey_id;
