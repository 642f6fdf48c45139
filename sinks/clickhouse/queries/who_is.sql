-- Whom does an id mean: any person id ever published, or an identifier in hex?
-- Grain: one row for each alias and time from which it means that person.
-- Caveats: an id with several rows is a contact that two people share in turn; the first row also holds before its time.
-- An anonymous person has no alias and is found among the people only.
-- Parameters: id (a person id of 32, or an identifier of 34 hex digits).
SELECT
    a.alias AS alias,
    a.valid_from AS valid_from,
    a.kind AS kind,
    a.identifier AS identifier,
    a.person_id AS person_id,
    p.basis AS basis,
    p.kinds AS kinds,
    p.flags AS flags
FROM
(
    SELECT alias, valid_from, kind, identifier, person_id
    FROM person_aliases_v
    WHERE alias = {id:String} OR identifier = {id:String}
    UNION ALL
    SELECT person_id, toDateTime64(0, 3, 'UTC'), '', canonical, person_id
    FROM people_v
    WHERE person_id = {id:String} AND person_id NOT IN (SELECT alias FROM person_aliases_v WHERE alias = {id:String})
) AS a
LEFT JOIN people_v AS p ON p.person_id = a.person_id
ORDER BY a.alias, a.valid_from;
