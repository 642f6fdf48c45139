-- Who had to contact support again about the same thing?
-- Grain: one row for each hit of X04: a person and a case, order or prescription, or a line of contacts of one brand
-- and intent (or task), named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits. A contact that an agent asked for, or
-- that dials a dropped call again, is none of its own.
-- Parameters: within_days (between neighbouring contacts of a run); redial_minutes (after a dropped one).
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
            task,
            key,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            threads,
            ifNull(contact_dropped, false) AS dropped,
            direction = 'inbound'
                AND (name IN ('contact.started', 'ticket.created') OR (name = 'message.replied' AND channel = 'support'))
                AND NOT ifNull(contact_requested_by_agent, false) AS contacts
        FROM touchpoints_v
        WHERE published_person_id != '' AND (contacts OR dropped)
    ),
    after_dropped AS
    (
        SELECT
            *,
            maxIf(at, dropped) OVER (
                PARTITION BY person_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS dropped_at
        FROM shown
    ),
    fresh_contacts AS
    (
        SELECT
            *,
            arrayFirst(held -> startsWith(held, '17'), threads) AS its_case,
            arrayFirst(held -> startsWith(held, '14'), threads) AS its_order,
            arrayFirst(held -> startsWith(held, '15'), threads) AS its_prescription,
            multiIf(its_case != '', its_case, its_order != '', its_order, its_prescription) AS thread,
            multiIf(
                thread != '', (thread, '', ''),
                intent != '', ('intent', brand, intent),
                ('task', brand, task)) AS kept_by
        FROM after_dropped
        WHERE contacts AND at - dropped_at > {redial_minutes:Int64} * 60000
            AND (thread != '' OR intent != '' OR task != '')
    ),
    paused AS
    (
        SELECT
            *,
            at - lagInFrame(at) OVER (PARTITION BY person_id, kept_by ORDER BY place) > {within_days:Int64} * 86400000 AS begins
        FROM fresh_contacts
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, kept_by ORDER BY place) AS run
        FROM paused
    ),
    runs AS
    (
        SELECT
            person_id,
            if(any(thread) != '', any(thread), argMin(key, place)) AS hit_key,
            arraySort(groupArray((place, at))) AS items
        FROM numbered
        GROUP BY person_id, kept_by, run
        HAVING length(items) >= 2
    )
SELECT
    person_id,
    hit_key,
    if(max(length(items)) >= 4, 'critical', 'high') AS severity,
    fromUnixTimestamp64Milli(min(items[2].2), 'UTC') AS detected_at,
    ends_of(arrayMap(place -> place.4, arraySort(arrayMap(item -> item.1, groupArrayArray(items))))) AS evidence
FROM runs
GROUP BY person_id, hit_key
ORDER BY person_id, hit_key;
