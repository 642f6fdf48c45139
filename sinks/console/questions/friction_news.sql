-- What was said of friction from an instant on (of insertion), the newest first? A retraction tells no more than its key.
SELECT
    person_id, hit_id, pattern, severity, confidence, score, detected_at, pattern_version, first_at, last_at, incident_key,
    hit_key, brand, task, channel_from, channel_to, location_id, value_at_risk_minor, currency, evidence, path, parameters,
    journey_id, revision, is_deleted, ingested_at
FROM friction
WHERE ingested_at >= fromUnixTimestamp64Milli({after:Int64})
    AND (is_deleted = 1 OR {pattern:String} = '' OR pattern = {pattern:String})
    AND (is_deleted = 1 OR {severity:String} = '' OR severity = {severity:String})
ORDER BY ingested_at DESC, hit_id, revision DESC
LIMIT {limit:UInt32};
