-- Who was promised something that did not happen in time?
-- Grain: one row for each hit of X25: a person and a case, ticket, call, order, prescription or appointment.
-- Caveats: people are those the touchpoints were published under, as in the hits. A promise without any such thread
-- can not be followed; one that is kept under another thread counts as broken.
-- Parameters: as_of (epoch milliseconds); due_days (further ahead is no promise); grace_minutes; lateness_minutes.
-- Default due_days: 14
-- Default grace_minutes: 15
-- Default lateness_minutes: 15
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            threads,
            promise_kind AS kind,
            toUnixTimestamp64Milli(assumeNotNull(promise_due_at)) AS due,
            multiIf(
                name = 'callback.completed', 'callback',
                name IN ('order.delivered', 'order.picked_up'), 'eta',
                name IN ('refill.ready', 'refill.picked_up'), 'refill_ready',
                name = 'order.refunded', 'refund',
                '') AS keeps
        FROM touchpoints_v
        WHERE published_person_id != ''
    ),
    promises AS
    (
        SELECT
            person_id,
            kind,
            at,
            place,
            greatest(due, at) + {grace_minutes:Int64} * 60000 AS kept_until,
            arrayFirst(
                held -> held != '',
                arrayMap(
                    rank -> arrayFirst(held -> startsWith(held, rank), threads),
                    ['17', '16', '18', '14', '15', '19'])) AS thread
        FROM shown
        WHERE kind IN ('callback', 'eta', 'refill_ready', 'refund') AND due - at <= {due_days:Int64} * 86400000 AND thread != ''
    ),
    keepers AS
    (
        SELECT person_id, held AS thread, keeps AS kind, groupArray(at) AS kept_at
        FROM shown
        ARRAY JOIN threads AS held
        WHERE keeps != ''
        GROUP BY person_id, thread, kind
    ),
    broken_promises AS
    (
        SELECT person_id, thread, place, kept_until + {lateness_minutes:Int64} * 60000 AS shown_at
        FROM promises
        LEFT JOIN keepers USING (person_id, thread, kind)
        WHERE NOT arrayExists(kept -> kept BETWEEN at AND kept_until, kept_at) AND shown_at <= {as_of:Int64}
    )
SELECT
    person_id,
    thread AS hit_key,
    if(count() >= 2, 'critical', 'high') AS severity,
    fromUnixTimestamp64Milli(min(shown_at), 'UTC') AS detected_at,
    ends_of(arrayMap(place -> place.4, arraySort(groupArray(place)))) AS evidence
FROM broken_promises
GROUP BY person_id, thread
ORDER BY person_id, hit_key;
