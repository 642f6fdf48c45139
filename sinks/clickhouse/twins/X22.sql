-- Who looked again and again where the order is?
-- Grain: one row for each hit of X22: a person and an order.
-- Caveats: people are those the touchpoints were published under, as in the hits. Looking again within a few minutes is
-- one check; which one counts depends on the one counted before, hence the fold.
-- Parameters: same_minutes (from a counted check); within_hours (four checks; three after a delay); contact_hours.
-- Default same_minutes: 10
-- Default within_hours: 24
-- Default contact_hours: 48
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            name,
            direction,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            arrayFilter(held -> startsWith(held, '14'), threads) AS orders,
            intent = 'order_status' AND direction = 'inbound'
                AND (name IN ('contact.started', 'ticket.created') OR (name = 'message.replied' AND channel = 'support'))
                AS asks,
            name = 'order.eta_changed' AND ifNull(eta_due_at > eta_previous_due_at, false) AS delays
        FROM touchpoints_v
        WHERE published_person_id != ''
    ),
    looks AS
    (
        SELECT person_id, orders[1] AS order_thread, arraySort(groupArray((place, at))) AS looked
        FROM shown
        WHERE name = 'status.viewed' AND direction = 'inbound' AND notEmpty(orders)
        GROUP BY person_id, order_thread
    ),
    checks AS
    (
        SELECT
            person_id,
            order_thread,
            arrayFold(
                (counted, look) -> if(
                    notEmpty(counted) AND look.2 - counted[-1].2 <= {same_minutes:Int64} * 60000,
                    counted,
                    arrayPushBack(counted, look)),
                looked,
                arraySlice(looked, 1, 0)) AS counted,
            arrayMap(check -> check.2, counted) AS checked_at
        FROM looks
    ),
    delays AS
    (
        SELECT person_id, held AS order_thread, groupArray(at) AS delayed_at
        FROM shown
        ARRAY JOIN orders AS held
        WHERE delays
        GROUP BY person_id, order_thread
    ),
    found AS
    (
        SELECT
            person_id,
            order_thread,
            counted,
            arrayFilter(
                (at, number) -> number >= 4 AND at - checked_at[number - 3] <= {within_hours:Int64} * 3600000,
                checked_at,
                arrayEnumerate(checked_at)) AS fourth_at,
            arrayFilter(
                at -> at > 0,
                arrayMap(
                    delay -> arrayFilter(at -> at > delay AND at - delay <= {within_hours:Int64} * 3600000, checked_at)[3],
                    delayed_at)) AS third_at,
            arrayMin(arrayConcat(fourth_at, third_at)) AS detected
        FROM checks
        LEFT JOIN delays USING (person_id, order_thread)
        WHERE notEmpty(fourth_at) OR notEmpty(third_at)
    ),
    contacts AS
    (
        SELECT person_id, groupArray((place, at, orders)) AS asked
        FROM shown
        WHERE asks
        GROUP BY person_id
    ),
    hits AS
    (
        SELECT
            *,
            arrayFilter(
                c -> c.2 > detected AND c.2 - detected <= {contact_hours:Int64} * 3600000
                    AND (empty(c.3) OR has(c.3, order_thread)),
                asked) AS followed
        FROM found
        LEFT JOIN contacts USING (person_id)
    )
SELECT
    person_id,
    order_thread AS hit_key,
    if(notEmpty(followed), 'high', 'medium') AS severity,
    fromUnixTimestamp64Milli(detected, 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayConcat(arrayMap(check -> check.1, counted), arrayMap(c -> c.1, followed))))) AS evidence
FROM hits
ORDER BY person_id, hit_key;
