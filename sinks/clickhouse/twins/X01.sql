-- Whose digital trouble ended in a contact with support?
-- Grain: one row for each hit of X01: a person and the strongest business thread of a failure, or a line of failures
-- of one brand and task, named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits. A journey that lapsed is a failure at
-- the end of its timeout, with its last inbound touchpoint as evidence. A contact may be about something else: medium.
-- Parameters: as_of (epoch milliseconds); within_minutes (from failure to contact, and between failures of a line);
-- slow_within_minutes (the same for tasks that take longer).
-- Default within_minutes: 120
-- Default slow_within_minutes: 1440
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            journey_id,
            brand,
            task,
            intent,
            direction = 'inbound' AS inbound,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            arrayFilter(held -> held >= '14' AND held < '1c', threads) AS business_threads,
            channel IN ('web', 'app', 'kiosk', 'email', 'sms', 'push')
                OR (channel = 'support' AND sub_channel IN ('bot', 'ivr')) AS alone,
            outcome = 'failed' OR error_class IN ('system', 'network', 'third_party') AS fails,
            inbound AND (name IN ('contact.started', 'ticket.created') OR (name = 'message.replied' AND channel = 'support'))
                AS contacts
        FROM touchpoints_v
        WHERE published_person_id != ''
    ),
    journey_ends AS
    (
        SELECT
            person_id,
            journey_id,
            argMaxIf((place, alone, intent), place, inbound) AS last_inbound,
            arraySort(groupUniqArrayArray(business_threads)) AS business_threads
        FROM shown
        WHERE journey_id != ''
        GROUP BY person_id, journey_id
        HAVING countIf(inbound) > 0
    ),
    unmet_journeys AS
    (
        SELECT
            published_person_id AS person_id,
            journey_id,
            brand,
            task,
            toUnixTimestamp64Milli(ended_at) + 60000 * transform(
                toString(task),
                ['search', 'onboarding', 'login', 'kiosk_order', 'pickup', 'delivery', 'track_order', 'return', 'refill',
                    'telehealth_visit', 'complaint', 'get_help', 'give_feedback'],
                [30, 10080, 15, 10, 120, 2880, 20160, 20160, 4320, 240, 10080, 10080, 10080],
                1440) AS lapsed_at
        FROM journeys_v
        WHERE end_state NOT IN ('completed', 'failed_final') AND lapsed_at < {as_of:Int64}
    ),
    failures AS
    (
        SELECT person_id, brand, task, intent, business_threads, at AS failed_at, 0 AS lapsed, place
        FROM shown
        WHERE inbound AND alone AND fails
        UNION ALL
        SELECT person_id, brand, task, last_inbound.3, business_threads, lapsed_at, 1, last_inbound.1
        FROM unmet_journeys
        INNER JOIN journey_ends USING (person_id, journey_id)
        WHERE last_inbound.2
    ),
    threaded AS
    (
        SELECT
            *,
            business_threads[1] AS thread,
            60000 * if(
                task IN ('checkout', 'kiosk_order', 'pickup', 'delivery', 'track_order', 'return', 'refill'),
                {slow_within_minutes:Int64},
                {within_minutes:Int64}) AS reach,
            failed_at - lagInFrame(failed_at) OVER (PARTITION BY person_id, thread, brand, task ORDER BY failed_at, lapsed, place)
                > reach AS begins
        FROM failures
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, thread, brand, task ORDER BY failed_at, lapsed, place) AS line
        FROM threaded
    ),
    keyed AS
    (
        SELECT
            *,
            if(
                thread != '',
                thread,
                first_value(place.4) OVER (PARTITION BY person_id, thread, brand, task, line ORDER BY failed_at, lapsed, place))
                AS hit_key
        FROM numbered
    ),
    contacts AS
    (
        SELECT person_id, groupArray((place, at, task, intent, business_threads)) AS contacts_of
        FROM shown
        WHERE contacts
        GROUP BY person_id
    ),
    reached AS
    (
        SELECT
            person_id,
            hit_key,
            place,
            arrayFilter(c -> c.2 > failed_at AND c.2 - failed_at <= reach, contacts_of) AS followed,
            arrayExists(
                c -> (task != '' AND c.3 = task) OR (intent != '' AND c.4 = intent) OR hasAny(c.5, business_threads),
                followed) AS about_it
        FROM keyed
        INNER JOIN contacts USING (person_id)
    )
SELECT
    person_id,
    hit_key,
    if(max(about_it), 'high', 'medium') AS severity,
    fromUnixTimestamp64Milli(arrayMin(c -> c.2, groupArrayArray(followed)), 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayDistinct(arrayConcat(groupArray(place), arrayMap(c -> c.1, groupArrayArray(followed))))))) AS evidence
FROM reached
GROUP BY person_id, hit_key
HAVING notEmpty(groupArrayArray(followed))
ORDER BY person_id, hit_key;
