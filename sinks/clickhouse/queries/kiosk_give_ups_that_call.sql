-- Where do kiosk customers give up and then call?
-- Grain: one row for each brand and location.
-- Caveats: giving up is a hit of U14 (walked away) or of X01, U13 at a kiosk; a call is the person's first contact with
-- support within the hours given, whatever it was about. Who stays anonymous at the kiosk can not be found calling.
-- Parameters: within_hours (from giving up to the call).
-- Default within_hours: 24
-- Chart: called by brand, location_id
WITH
    give_ups AS
    (
        SELECT person_id, hit_id, brand, location_id, value_at_risk_minor, if(pattern = 'U14', detected_at, first_at) AS gave_up_at
        FROM friction_v
        WHERE channel_from = 'kiosk' AND pattern IN ('U14', 'X01', 'U13')
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
    countIf(calls) AS called,
    round(called / give_ups, 4) AS called_share,
    round(ifNotFinite(medianExactIf(dateDiff('second', gave_up_at, first_contact.1), calls), 0) / 60, 1) AS median_minutes_to_call,
    arraySort(groupUniqArrayIf(first_contact.2, calls AND first_contact.2 != '')) AS called_about,
    sum(value_at_risk_minor) AS value_at_risk_minor
FROM followed
GROUP BY brand, location_id
ORDER BY called DESC, give_ups DESC, brand, location_id;
