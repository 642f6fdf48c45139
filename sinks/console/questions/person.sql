-- Who is this person? One row of the present people.
SELECT person_id, basis, canonical, identifiers, kinds, flags
FROM people_v
WHERE person_id = {person:String};
