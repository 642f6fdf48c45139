-- Which friction did this person meet?
SELECT
    person_id, hit_id, pattern, severity, confidence, score, detected_at, pattern_version, first_at, last_at, incident_key,
    hit_key, brand, task, channel_from, channel_to, location_id, value_at_risk_minor, currency, evidence, path, parameters,
    journey_id
FROM friction_v
WHERE person_id = {person:String}
ORDER BY detected_at, hit_id;
