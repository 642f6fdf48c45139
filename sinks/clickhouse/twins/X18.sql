-- Whose refill failed on web or app and ended with a call or a visit to the pharmacy?
-- Grain: one row for each hit of X18: a person and the prescription of a failure, or a line of failures of one brand,
-- named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits. A journey that lapsed is a failure at
-- the end of its timeout, with its last inbound touchpoint as evidence.
-- Parameters: as_of (epoch milliseconds); within_minutes (to what follows, and between failures of a line);
-- timeout_minutes (of the task refill); urgent_days (of supply left).
-- Default within_minutes: 240
-- Default timeout_minutes: 4320
-- Default urgent_days: 2
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    shown AS
    (
        SELECT
            published_person_id AS person_id,
            journey_id,
            brand,
            task,
            direction = 'inbound' AS inbound,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            threads,
            channel IN ('web', 'app') AS in_portal,
            outcome = 'failed' OR error_class IN ('system', 'network', 'third_party') AS fails,
            outcome_reason = 'not_eligible' AS not_eligible,
            ifNull(rx_days_supply_left <= {urgent_days:Int64}, false) AS urgent,
            inbound AND (
                (channel = 'support' AND name IN ('contact.started', 'ticket.created', 'message.replied'))
                OR (channel = 'store' AND location_type = 'pharmacy')) AS turns_to_people
        FROM touchpoints_v
        WHERE published_person_id != ''
    ),
    journey_ends AS
    (
        SELECT
            person_id,
            journey_id,
            argMaxIf((place, in_portal, not_eligible, urgent), place, inbound) AS last_inbound,
            arrayMin(arrayFilter(held -> startsWith(held, '15'), groupUniqArrayArray(threads))) AS prescription
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
            toUnixTimestamp64Milli(ended_at) + {timeout_minutes:Int64} * 60000 AS lapsed_at
        FROM journeys_v
        WHERE task = 'refill' AND end_state NOT IN ('completed', 'failed_final') AND lapsed_at < {as_of:Int64}
    ),
    failures AS
    (
        SELECT
            person_id,
            brand,
            arrayFirst(held -> startsWith(held, '15'), threads) AS prescription,
            at AS failed_at,
            0 AS lapsed,
            place,
            not_eligible,
            urgent
        FROM shown
        WHERE inbound AND in_portal AND task = 'refill' AND fails
        UNION ALL
        SELECT person_id, brand, prescription, lapsed_at, 1, last_inbound.1, last_inbound.3, last_inbound.4
        FROM unmet_journeys
        INNER JOIN journey_ends USING (person_id, journey_id)
        WHERE last_inbound.2
    ),
    paused AS
    (
        SELECT
            *,
            failed_at - lagInFrame(failed_at) OVER (PARTITION BY person_id, prescription, brand ORDER BY failed_at, lapsed, place)
                > {within_minutes:Int64} * 60000 AS begins
        FROM failures
    ),
    numbered AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY person_id, prescription, brand ORDER BY failed_at, lapsed, place) AS line
        FROM paused
    ),
    keyed AS
    (
        SELECT
            *,
            if(
                prescription != '',
                prescription,
                first_value(place.4) OVER (PARTITION BY person_id, prescription, brand, line ORDER BY failed_at, lapsed, place))
                AS hit_key
        FROM numbered
    ),
    followers AS
    (
        SELECT person_id, groupArray((place, at)) AS followers_of
        FROM shown
        WHERE turns_to_people
        GROUP BY person_id
    ),
    followed AS
    (
        SELECT
            person_id,
            hit_key,
            place,
            not_eligible,
            urgent,
            arrayFilter(f -> f.2 > failed_at AND f.2 - failed_at <= {within_minutes:Int64} * 60000, followers_of) AS follows
        FROM keyed
        INNER JOIN followers USING (person_id)
    )
SELECT
    person_id,
    hit_key,
    multiIf(max(urgent), 'critical', min(not_eligible), 'medium', 'high') AS severity,
    fromUnixTimestamp64Milli(arrayMin(f -> f.2, groupArrayArray(follows)), 'UTC') AS detected_at,
    ends_of(arrayMap(
        place -> place.4,
        arraySort(arrayDistinct(arrayConcat(groupArray(place), arrayMap(f -> f.1, groupArrayArray(follows))))))) AS evidence
FROM followed
GROUP BY person_id, hit_key
HAVING notEmpty(groupArrayArray(follows))
ORDER BY person_id, hit_key;
