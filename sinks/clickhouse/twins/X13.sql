-- Who was offered a reward that was then refused?
-- Grain: one row for each hit of X13: a person and a line of offerings of one brand and offer, named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits.
-- Parameters: within_days (between the offerings of a line, and from an offering to its refusal).
-- Default within_days: 14
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            brand,
            offer_id,
            name,
            direction,
            channel,
            outcome_reason,
            key,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            toUnixTimestamp64Milli(offer_expires_at) AS expires
        FROM touchpoints_v
        WHERE published_person_id != '' AND offer_id != ''
    ),
    offerings AS
    (
        SELECT
            *,
            at - lagInFrame(at) OVER (PARTITION BY person_id, brand, offer_id ORDER BY place) > {within_days:Int64} * 86400000
                AS begins
        FROM shown
        WHERE name IN ('reward.offered', 'promo.shown') AND channel IN ('app', 'email')
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, brand, offer_id ORDER BY place) AS line
        FROM offerings
    ),
    lines AS
    (
        SELECT person_id, brand, offer_id, argMin(key, place) AS hit_key, groupArray((place, at, expires)) AS offered
        FROM numbered
        GROUP BY person_id, brand, offer_id, line
    ),
    refusals AS
    (
        SELECT person_id, brand, offer_id, place, at, outcome_reason
        FROM shown
        WHERE name IN ('reward.rejected', 'promo.rejected', 'loyalty.scan_failed')
            AND direction = 'inbound' AND channel IN ('kiosk', 'pos', 'web')
    ),
    reached AS
    (
        SELECT person_id, hit_key, offered, place, at, outcome_reason
        FROM lines
        INNER JOIN refusals USING (person_id, brand, offer_id)
        WHERE arrayExists(
            o -> at > o.2 AND at - o.2 <= {within_days:Int64} * 86400000 AND (o.3 IS NULL OR at <= o.3), offered)
    )
SELECT
    person_id,
    hit_key,
    if(min(outcome_reason = 'not_eligible'), 'medium', 'high') AS severity,
    fromUnixTimestamp64Milli(min(at), 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayDistinct(arrayConcat(groupArray(place), arrayMap(o -> o.1, any(offered))))))) AS evidence
FROM reached
GROUP BY person_id, hit_key
ORDER BY person_id, hit_key;
