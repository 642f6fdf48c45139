-- What holds now: for every table a view that is always right, so that nobody needs to know about FINAL, revisions,
-- retractions, partitions of the stitcher or people that were renamed. Ask these, never the tables.
--
-- Resolving people: an id that was published once stays an alias of the present person. Where an alias means one person
-- after another (a contact shared by two accounts), the newest `valid_from` at or before the event time decides, and
-- before the first one the first. Aliases always point to the present person, so one step is enough.

-- Which steps does each alias have? (For the views below; one row for each alias.)
CREATE OR REPLACE VIEW alias_steps AS
SELECT
    alias,
    arraySort(groupArray((valid_from, person_id))) AS steps
FROM person_aliases FINAL
GROUP BY alias;

-- What happened, and to whom? One row for each touchpoint shown. `published_person_id` is the id it was written under.
CREATE OR REPLACE VIEW touchpoints_v AS
SELECT
    if(empty(steps), t.person_id, steps[greatest(1, arrayCount(s -> s.1 <= t.event_time, steps))].2) AS person_id,
    t.person_id AS published_person_id,
    t.* EXCEPT (person_id, is_deleted)
FROM (SELECT * FROM touchpoints FINAL) AS t
LEFT JOIN alias_steps AS a ON a.alias = t.person_id;

-- What arrived too late to be stitched?
CREATE OR REPLACE VIEW late_events_v AS
SELECT * EXCEPT (is_deleted)
FROM late_events FINAL;

-- Who are the people? Not resolved: each row is a present person.
CREATE OR REPLACE VIEW people_v AS
SELECT * EXCEPT (is_deleted)
FROM people FINAL;

-- Which person does an id mean, and since when?
CREATE OR REPLACE VIEW person_aliases_v AS
SELECT * EXCEPT (is_deleted)
FROM person_aliases FINAL;

-- Why are two identifiers (not) the same person? Not resolved: `person_id` is the person of the smaller end's group.
CREATE OR REPLACE VIEW identity_log_v AS
SELECT * EXCEPT (is_deleted)
FROM identity_log FINAL;

-- Which sessions did people have?
CREATE OR REPLACE VIEW sessions_v AS
SELECT
    if(empty(steps), t.person_id, steps[greatest(1, arrayCount(s -> s.1 <= t.started_at, steps))].2) AS person_id,
    t.person_id AS published_person_id,
    t.* EXCEPT (person_id, is_deleted)
FROM (SELECT * FROM sessions FINAL) AS t
LEFT JOIN alias_steps AS a ON a.alias = t.person_id;

-- Which journeys did people make, and how did they end?
CREATE OR REPLACE VIEW journeys_v AS
SELECT
    if(empty(steps), t.person_id, steps[greatest(1, arrayCount(s -> s.1 <= t.started_at, steps))].2) AS person_id,
    t.person_id AS published_person_id,
    t.* EXCEPT (person_id, is_deleted)
FROM (SELECT * FROM journeys FINAL) AS t
LEFT JOIN alias_steps AS a ON a.alias = t.person_id;

-- Where did it go wrong between channels, and what is the evidence?
CREATE OR REPLACE VIEW friction_v AS
SELECT
    if(empty(steps), t.person_id, steps[greatest(1, arrayCount(s -> s.1 <= t.first_at, steps))].2) AS person_id,
    t.person_id AS published_person_id,
    t.* EXCEPT (person_id, is_deleted)
FROM (SELECT * FROM friction FINAL) AS t
LEFT JOIN alias_steps AS a ON a.alias = t.person_id;

-- What happened where, by the minute? Summed over the partitions of the stitcher.
CREATE OR REPLACE VIEW agg_channel_1m_v AS
SELECT
    window_start,
    brand,
    channel,
    sub_channel,
    location_id,
    name,
    outcome,
    sum(t.events) AS events,
    sum(t.people) AS people,
    sum(t.errors) AS errors,
    sum(t.value_minor) AS value_minor,
    sumForEach(t.duration_buckets) AS duration_buckets
FROM (SELECT * FROM agg_channel_1m FINAL) AS t
GROUP BY window_start, brand, channel, sub_channel, location_id, name, outcome;

-- Which friction was found, by five minutes? Summed over the partitions of the stitcher.
CREATE OR REPLACE VIEW agg_friction_5m_v AS
SELECT
    window_start,
    pattern,
    severity,
    brand,
    channel_from,
    channel_to,
    task,
    location_id,
    sum(t.hits) AS hits,
    sum(t.people) AS people,
    sum(t.value_at_risk_minor) AS value_at_risk_minor
FROM (SELECT * FROM agg_friction_5m FINAL) AS t
GROUP BY window_start, pattern, severity, brand, channel_from, channel_to, task, location_id;

-- What could not be read? The encrypted record comes as base64, since it is bytes and not text.
CREATE OR REPLACE VIEW dead_letters_v AS
SELECT
    * EXCEPT (raw, is_deleted),
    base64Encode(raw) AS raw_base64
FROM dead_letters FINAL;

-- Up to when has each source been read?
CREATE OR REPLACE VIEW freshness_v AS
SELECT * EXCEPT (is_deleted)
FROM freshness FINAL;

-- Which event ids are shown for more than one person? The sender used one id for two events, or named two people in it.
CREATE OR REPLACE VIEW id_conflicts_v AS
SELECT
    source,
    event_id,
    arraySort(groupUniqArray(person_id)) AS person_ids,
    min(event_time) AS first_event_time,
    count() AS touchpoints
FROM touchpoints_v
WHERE person_id != ''
GROUP BY source, event_id
HAVING length(person_ids) > 1;
