-- Which friction was found, the newest first? Empty filters let everything through.
SELECT
    person_id, hit_id, pattern, severity, confidence, score, detected_at, pattern_version, first_at, last_at, incident_key,
    hit_key, brand, task, channel_from, channel_to, location_id, value_at_risk_minor, currency, evidence, path, parameters,
    journey_id
FROM friction_v
WHERE ({pattern:String} = '' OR pattern = {pattern:String})
    AND ({severity:String} = '' OR severity = {severity:String})
    AND startsWith(hit_id, {hit:String})
ORDER BY detected_at DESC, hit_id
LIMIT {limit:UInt32};
