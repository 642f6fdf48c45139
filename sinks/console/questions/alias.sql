-- Which identifier names a person by this id, now or once?
SELECT identifier, person_id
FROM person_aliases_v
WHERE startsWith(alias, {id:String})
ORDER BY valid_from DESC
LIMIT 20;
