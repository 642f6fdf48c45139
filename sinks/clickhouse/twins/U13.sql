-- Who had a payment declined again and again?
-- Grain: one row for each hit of U13: a person and a cart, or where a decline tells none, an order.
-- Caveats: people are those the touchpoints were published under, as in the hits. Nothing of a thread is forgotten here.
-- Parameters: as_of (epoch milliseconds); gap_minutes (between the declines of a run); success_minutes (in which a
-- payment takes the hit back to medium); lateness_minutes.
-- Default gap_minutes: 15
-- Default success_minutes: 30
-- Default lateness_minutes: 15
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    payments AS
    (
        SELECT
            published_person_id AS person_id,
            name,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            error_class = 'user' AS own_fault,
            threads,
            arrayFirst(held -> startsWith(held, '1b'), threads) AS cart,
            if(cart != '', cart, arrayFirst(held -> startsWith(held, '14'), threads)) AS thread
        FROM touchpoints_v
        WHERE published_person_id != '' AND name IN ('payment.failed', 'payment.succeeded')
    ),
    declines AS
    (
        SELECT
            *,
            at - lagInFrame(at) OVER (PARTITION BY person_id, thread ORDER BY place) > {gap_minutes:Int64} * 60000 AS begins
        FROM payments
        WHERE name = 'payment.failed' AND thread != ''
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, thread ORDER BY place) AS run
        FROM declines
    ),
    runs AS
    (
        SELECT
            person_id,
            thread,
            arraySort(groupArray((place, at))) AS items,
            min(own_fault) AS all_own_fault
        FROM numbered
        GROUP BY person_id, thread, run
        HAVING length(items) >= 2
    ),
    loops AS
    (
        SELECT
            person_id,
            thread,
            min(items[2].2) AS second,
            min(all_own_fault) AS all_own_fault,
            arraySort(arrayMap(item -> item.1, groupArrayArray(items))) AS places
        FROM runs
        GROUP BY person_id, thread
    ),
    successes AS
    (
        SELECT person_id, held AS thread, groupArray(at) AS paid_at
        FROM payments
        ARRAY JOIN threads AS held
        WHERE name = 'payment.succeeded'
        GROUP BY person_id, thread
    )
SELECT
    person_id,
    thread AS hit_key,
    multiIf(
        all_own_fault, 'low',
        arrayExists(paid -> paid BETWEEN second AND second + {success_minutes:Int64} * 60000, paid_at), 'medium',
        {as_of:Int64} < second + ({success_minutes:Int64} + {lateness_minutes:Int64}) * 60000, 'medium',
        'high') AS severity,
    fromUnixTimestamp64Milli(second, 'UTC') AS detected_at,
    ends_of(arrayMap(place -> place.4, places)) AS evidence
FROM loops
LEFT JOIN successes USING (person_id, thread)
ORDER BY person_id, hit_key;
