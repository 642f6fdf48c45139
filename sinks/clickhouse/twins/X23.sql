-- Whose delivery slipped without a word?
-- Grain: one row for each hit of X23: a person and an order.
-- Caveats: people are those the touchpoints were published under, as in the hits. A message counts where it names the
-- order; one that tells of the delay without naming it does not.
-- Parameters: as_of (epoch milliseconds); soon_hours (to the old time: then slip_soon_minutes count, else
-- slip_far_minutes); word_minutes (in which a message must be sent); lateness_minutes.
-- Default soon_hours: 24
-- Default slip_soon_minutes: 60
-- Default slip_far_minutes: 1440
-- Default word_minutes: 30
-- Default lateness_minutes: 15
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    slips AS
    (
        SELECT
            published_person_id AS person_id,
            arrayFirst(thread -> startsWith(thread, '14'), threads) AS order_thread,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            toUnixTimestamp64Milli(assumeNotNull(eta_due_at)) AS due,
            toUnixTimestamp64Milli(assumeNotNull(eta_previous_due_at)) AS due_before
        FROM touchpoints_v
        WHERE published_person_id != '' AND name = 'order.eta_changed' AND order_thread != ''
            AND eta_due_at IS NOT NULL AND eta_previous_due_at IS NOT NULL
            AND due - due_before
                >= if(due_before - at <= {soon_hours:Int64} * 3600000, {slip_soon_minutes:Int64}, {slip_far_minutes:Int64}) * 60000
    ),
    words AS
    (
        SELECT published_person_id AS person_id, held AS order_thread, groupArray(toUnixTimestamp64Milli(event_time)) AS sent_at
        FROM touchpoints_v
        ARRAY JOIN threads AS held
        WHERE published_person_id != '' AND name = 'message.sent' AND direction = 'outbound' AND startsWith(held, '14')
        GROUP BY person_id, order_thread
    ),
    silent_slips AS
    (
        SELECT person_id, order_thread, place, at + ({word_minutes:Int64} + {lateness_minutes:Int64}) * 60000 AS fires_at
        FROM slips
        LEFT JOIN words USING (person_id, order_thread)
        WHERE NOT arrayExists(sent -> sent BETWEEN at AND at + {word_minutes:Int64} * 60000, sent_at)
            AND fires_at <= {as_of:Int64}
    )
SELECT
    person_id,
    order_thread AS hit_key,
    'high' AS severity,
    fromUnixTimestamp64Milli(min(fires_at), 'UTC') AS detected_at,
    ends_of(arrayMap(place -> place.4, arraySort(groupArray(place)))) AS evidence
FROM silent_slips
GROUP BY person_id, order_thread
ORDER BY person_id, hit_key;
