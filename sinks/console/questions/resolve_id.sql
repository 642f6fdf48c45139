-- Which present person does an id mean, given whole or by its beginning? Present ids first, then old ones by their newest binding.
SELECT person_id, rank FROM
(
    SELECT person_id, 0 AS rank FROM people_v WHERE startsWith(person_id, {id:String})
    UNION ALL
    SELECT argMax(person_id, valid_from) AS person_id, 1 AS rank
    FROM person_aliases_v
    WHERE startsWith(alias, {id:String})
    GROUP BY alias
)
ORDER BY rank, person_id
LIMIT 20;
