-- Which friction did one person meet, and what is the evidence?
-- Grain: one row for each hit, oldest first.
-- Caveats: takes any id the person ever had.
-- Parameters: person (a person id).
WITH present AS
(
    SELECT {person:String} AS id
    UNION DISTINCT
    SELECT person_id FROM person_aliases_v WHERE alias = {person:String}
)
SELECT
    first_at,
    last_at,
    detected_at,
    pattern,
    pattern_version,
    severity,
    confidence,
    score,
    channel_from,
    channel_to,
    task,
    location_id,
    path,
    evidence,
    parameters,
    value_at_risk_minor,
    currency,
    journey_id,
    hit_id,
    person_id
FROM friction_v
WHERE person_id IN (SELECT id FROM present)
ORDER BY first_at, pattern, hit_id;
