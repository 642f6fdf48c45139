-- What is known about these identifiers (hex) being, or not being, of one person?
SELECT entry, left_id, right_id, left_kind, right_kind, verdict, reason, first_seen, person_id
FROM identity_log_v
WHERE has({identifiers:Array(String)}, left_id) OR has({identifiers:Array(String)}, right_id)
ORDER BY entry, first_seen, left_id, right_id
LIMIT 10000;
