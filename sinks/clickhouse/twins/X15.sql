-- Whose link in an e-mail led to a broken page?
-- Grain: one row for each hit of X15: a person and a message.
-- Caveats: people are those the touchpoints were published under, as in the hits. A click right after the delivery is
-- a scanner's. Messages are threads only of events without a device.
-- Parameters: page_seconds (from click to page); scanner_seconds (from delivery to click).
-- Default page_seconds: 60
-- Default scanner_seconds: 2
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            name,
            direction,
            channel,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            threads,
            error_http_status AS status,
            error_code
        FROM touchpoints_v
        WHERE published_person_id != '' AND name IN ('message.delivered', 'message.clicked', 'page.failed')
    ),
    deliveries AS
    (
        SELECT person_id, held AS message, groupArray((place, at)) AS delivered
        FROM shown
        ARRAY JOIN threads AS held
        WHERE name = 'message.delivered' AND startsWith(held, '1e')
        GROUP BY person_id, message
    ),
    named_clicks AS
    (
        SELECT person_id, place, at, arrayFirst(held -> startsWith(held, '1e'), threads) AS message
        FROM shown
        WHERE name = 'message.clicked' AND message != ''
    ),
    clicks AS
    (
        SELECT person_id, message, place, at
        FROM named_clicks
        LEFT JOIN deliveries USING (person_id, message)
        WHERE NOT arrayExists(d -> d.1 < place AND at - d.2 <= {scanner_seconds:Int64} * 1000, delivered)
    ),
    broken_pages AS
    (
        SELECT person_id, groupArray((place, at)) AS pages
        FROM shown
        WHERE name = 'page.failed' AND direction = 'inbound' AND channel IN ('web', 'app')
            AND (ifNull(status IN (404, 410) OR status >= 500, false) OR error_code = 'token_expired')
        GROUP BY person_id
    ),
    reached AS
    (
        SELECT
            person_id,
            message,
            place,
            arrayFilter(page -> page.2 > at AND page.2 - at <= {page_seconds:Int64} * 1000, pages) AS broken
        FROM clicks
        LEFT JOIN broken_pages USING (person_id)
    )
SELECT
    person_id,
    message AS hit_key,
    'low' AS severity,
    fromUnixTimestamp64Milli(arrayMin(page -> page.2, groupArrayArray(broken)), 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayDistinct(arrayConcat(groupArray(place), arrayMap(page -> page.1, groupArrayArray(broken))))))) AS evidence
FROM reached
GROUP BY person_id, message
HAVING notEmpty(groupArrayArray(broken))
ORDER BY person_id, hit_key;
