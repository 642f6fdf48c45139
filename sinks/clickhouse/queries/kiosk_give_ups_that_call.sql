-- Where do kiosk customers give up and then call?
-- Grain: one row for each brand and location.
-- Caveats: giving up is a journey that was at a kiosk and ended without reaching its goal; it is dated and placed by its last
-- touchpoint there. A call is the person's first contact with support after that, within the hours given, whatever it
-- was about. Who stays anonymous at the kiosk can not be found calling.
-- Parameters: within_hours (from giving up to the call).
-- Default within_hours: 24
-- Chart: called by brand, location_id
WITH
    last_at_kiosk AS
    (
        SELECT
            published_person_id,
            journey_id,
            argMax((event_time, toString(brand), toString(location_id)), (event_time, source, event_id, key)) AS seen
        FROM touchpoints_v
        WHERE journey_id != '' AND direction = 'inbound' AND channel = 'kiosk'
        GROUP BY published_person_id, journey_id
    ),
    give_ups AS
    (
        SELECT
            j.person_id AS person_id,
            j.journey_id AS journey_id,
            l.seen.1 AS gave_up_at,
            l.seen.2 AS brand,
            l.seen.3 AS location_id,
            j.value_at_risk_minor AS value_at_risk_minor,
            j.journey_id IN (SELECT journey_id FROM friction_v WHERE pattern = 'U14') AS walked_away
        FROM journeys_v AS j
        INNER JOIN last_at_kiosk AS l ON l.published_person_id = j.published_person_id AND l.journey_id = j.journey_id
        WHERE j.end_state NOT IN ('completed', 'open')
    ),
    contacts AS
    (
        SELECT person_id, arraySort(groupArray((event_time, if(intent != '', intent, task)))) AS contacts_of
        FROM touchpoints_v
        WHERE person_id != '' AND direction = 'inbound'
            AND (name IN ('contact.started', 'ticket.created') OR (name = 'message.replied' AND channel = 'support'))
        GROUP BY person_id
    ),
    followed AS
    (
        SELECT
            *,
            arrayFirst(
                c -> c.1 > gave_up_at AND c.1 <= gave_up_at + toIntervalHour({within_hours:UInt32}),
                contacts_of) AS first_contact,
            first_contact.1 > gave_up_at AS calls
        FROM give_ups
        LEFT JOIN contacts USING (person_id)
    )
SELECT
    brand,
    location_id,
    count() AS give_ups,
    uniqExact(person_id) AS people,
    countIf(walked_away) AS walked_away_from_basket,
    countIf(calls) AS called,
    round(called / give_ups, 4) AS called_share,
    round(ifNotFinite(medianExactIf(dateDiff('second', gave_up_at, first_contact.1), calls), 0) / 60, 1) AS median_minutes_to_call,
    arraySort(groupUniqArrayIf(first_contact.2, calls AND first_contact.2 != '')) AS called_about,
    sum(value_at_risk_minor) AS value_at_risk_minor
FROM followed
GROUP BY brand, location_id
ORDER BY called DESC, give_ups DESC, brand, location_id;
