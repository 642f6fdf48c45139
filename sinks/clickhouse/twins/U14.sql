-- Who filled a basket at a kiosk and walked away?
-- Grain: one row for each hit of U14: a person and a line of items at one kiosk (its source), named by the first item.
-- Caveats: people are those the touchpoints were published under, as in the hits; who stays anonymous at a kiosk is not
-- seen. An end closes a chapter of the kiosk, and only the last line of a chapter can have been walked away from.
-- Parameters: within_minutes (between the items of a line, and from its last one to the end).
-- Default within_minutes: 30
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            source,
            key,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            channel = 'kiosk' AND direction = 'inbound' AND name IN ('item.added', 'item.customized') AS picks,
            channel = 'kiosk' AND direction = 'inbound' AND name IN ('session.timed_out', 'session.ended') AS leaves,
            name = 'order.placed' AS orders,
            name = 'peripheral.failed' AS fails
        FROM touchpoints_v
        WHERE published_person_id != '' AND (picks OR leaves OR orders OR fails)
    ),
    seen AS
    (
        SELECT *, maxIf(at, picks) OVER (PARTITION BY person_id, source ORDER BY place) AS picked_at
        FROM shown
    ),
    chapters AS
    (
        SELECT
            *,
            leaves AND at > picked_at AND at - picked_at <= {within_minutes:Int64} * 60000 AS walks_away,
            orders OR walks_away AS closes,
            sum(closes) OVER (PARTITION BY person_id, source ORDER BY place) - closes AS chapter
        FROM seen
    ),
    paused AS
    (
        SELECT
            *,
            at - lagInFrame(at) OVER (PARTITION BY person_id, source, chapter ORDER BY place) > {within_minutes:Int64} * 60000
                AS begins
        FROM chapters
        WHERE picks
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, source, chapter ORDER BY place) AS line
        FROM paused
    ),
    lines AS
    (
        SELECT
            person_id,
            source,
            chapter,
            argMin(key, place) AS hit_key,
            min(place) AS began,
            groupArray(place) AS picked
        FROM numbered
        GROUP BY person_id, source, chapter, line
        ORDER BY began DESC
        LIMIT 1 BY person_id, source, chapter
    ),
    ends AS
    (
        SELECT person_id, source, chapter, place AS ended, at AS ended_at
        FROM chapters
        WHERE walks_away
    ),
    failures AS
    (
        SELECT person_id, source, groupArray(place) AS failed
        FROM shown
        WHERE fails
        GROUP BY person_id, source
    ),
    hits AS
    (
        SELECT *, arrayFilter(failure -> failure > began AND failure < ended, failed) AS failed_meanwhile
        FROM lines
        INNER JOIN ends USING (person_id, source, chapter)
        LEFT JOIN failures USING (person_id, source)
    )
SELECT
    person_id,
    hit_key,
    if(notEmpty(failed_meanwhile), 'high', 'medium') AS severity,
    fromUnixTimestamp64Milli(ended_at, 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayConcat(picked, failed_meanwhile, [ended])))) AS evidence
FROM hits
ORDER BY person_id, hit_key;
