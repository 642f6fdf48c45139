-- Which hits of this pattern were found? In the columns of its twin.
SELECT published_person_id AS person_id, hit_key, severity, detected_at, evidence
FROM friction_v
WHERE pattern = {pattern:String};
