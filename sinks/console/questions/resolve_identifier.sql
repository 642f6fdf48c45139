-- Whose identifier is this (hex)? The newest binding of it first, then people who list it, then the newest touchpoint that names it.
SELECT person_id, max(since) AS newest FROM
(
    SELECT person_id, 30000000000000 + toUnixTimestamp64Milli(valid_from) AS since
    FROM person_aliases_v
    WHERE identifier = {identifier:String}
    UNION ALL
    SELECT person_id, 20000000000000 AS since
    FROM people_v
    WHERE has(identifiers, {identifier:String}) OR canonical = {identifier:String}
    UNION ALL
    SELECT person_id, toUnixTimestamp64Milli(event_time) AS since
    FROM touchpoints_v
    WHERE has(arrayConcat(strong, observed, devices, threads), {identifier:String})
)
WHERE person_id != ''
GROUP BY person_id
ORDER BY newest DESC, person_id
LIMIT 20;
