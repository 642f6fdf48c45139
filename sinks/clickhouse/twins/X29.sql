-- Whose matter was called resolved and was not?
-- Grain: one row for each hit of X29: a person and a case or ticket, or a line of resolutions of one brand and intent,
-- named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits. A contact with the same intent may be
-- about something else.
-- Parameters: within_days (from the resolution, and between the resolutions of a line); redial_minutes.
-- Default within_days: 7
-- Default redial_minutes: 5
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            brand,
            intent,
            name,
            key,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            arrayFilter(held -> held >= '14' AND held < '1c', threads) AS business_threads,
            ifNull(contact_dropped, false) AS dropped,
            direction = 'inbound'
                AND (name IN ('contact.started', 'ticket.created') OR (name = 'message.replied' AND channel = 'support'))
                AND NOT ifNull(contact_requested_by_agent, false) AS contacts
        FROM touchpoints_v
        WHERE published_person_id != ''
            AND (contacts OR dropped OR name IN ('ticket.resolved', 'case.resolved', 'ticket.reopened', 'case.reopened'))
    ),
    after_dropped AS
    (
        SELECT
            *,
            maxIf(at, dropped) OVER (
                PARTITION BY person_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS dropped_at
        FROM shown
    ),
    followers AS
    (
        SELECT
            person_id,
            groupArray((
                place,
                at,
                if(contacts, business_threads, arrayFilter(held -> held >= '16' AND held < '18', business_threads)),
                if(contacts AND intent != '', (brand, intent), ('', '')))) AS followers_of
        FROM after_dropped
        WHERE name IN ('ticket.reopened', 'case.reopened')
            OR (contacts AND at - dropped_at > {redial_minutes:Int64} * 60000)
        GROUP BY person_id
    ),
    resolutions AS
    (
        SELECT
            *,
            arrayFirst(held -> startsWith(held, '17'), business_threads) AS its_case,
            if(its_case != '', its_case, arrayFirst(held -> startsWith(held, '16'), business_threads)) AS thread,
            at - lagInFrame(at) OVER (PARTITION BY person_id, thread, brand, intent ORDER BY place)
                > {within_days:Int64} * 86400000 AS begins
        FROM shown
        WHERE name IN ('ticket.resolved', 'case.resolved') AND (thread != '' OR intent != '')
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, thread, brand, intent ORDER BY place) AS line
        FROM resolutions
    ),
    keyed AS
    (
        SELECT
            *,
            if(thread != '', thread, first_value(key) OVER (PARTITION BY person_id, thread, brand, intent, line ORDER BY place))
                AS hit_key
        FROM numbered
    ),
    followed AS
    (
        SELECT
            person_id,
            hit_key,
            place,
            arrayFilter(
                f -> f.2 > at AND f.2 - at <= {within_days:Int64} * 86400000
                    AND (hasAny(f.3, business_threads) OR (intent != '' AND f.4 = (brand, intent))),
                followers_of) AS follows
        FROM keyed
        LEFT JOIN followers USING (person_id)
    )
SELECT
    person_id,
    hit_key,
    'high' AS severity,
    fromUnixTimestamp64Milli(arrayMin(f -> f.2, groupArrayArray(follows)), 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayDistinct(arrayConcat(groupArray(place), arrayMap(f -> f.1, groupArrayArray(follows))))))) AS evidence
FROM followed
GROUP BY person_id, hit_key
HAVING notEmpty(groupArrayArray(follows))
ORDER BY person_id, hit_key;
