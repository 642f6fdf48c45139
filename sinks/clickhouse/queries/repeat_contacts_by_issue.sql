-- About which issues do people contact support again?
-- Grain: one row for each brand and issue: the intent of the contact, else its task.
-- Caveats: a repeat is a contact at most so many days after one of the same person, brand and issue; the hits of X04
-- know cases and orders too and leave out calls dialled again. Contacts without intent and task are one issue.
-- Parameters: within_days (between two contacts).
-- Default within_days: 7
-- Chart: repeats by brand, issue
WITH
    contacts AS
    (
        SELECT
            person_id,
            brand,
            if(intent != '', intent, task) AS issue,
            event_time,
            sub_channel,
            lagInFrame(event_time) OVER (
                PARTITION BY person_id, brand, issue ORDER BY event_time, source, event_id, key) AS contacted_before
        FROM touchpoints_v
        WHERE person_id != '' AND direction = 'inbound'
            AND (name IN ('contact.started', 'ticket.created') OR (name = 'message.replied' AND channel = 'support'))
    )
SELECT
    brand,
    issue,
    count() AS contacts,
    uniqExact(person_id) AS people,
    countIf(event_time <= contacted_before + toIntervalDay({within_days:UInt32})) AS repeats,
    round(repeats / contacts, 4) AS repeat_share,
    uniqExactIf(person_id, event_time <= contacted_before + toIntervalDay({within_days:UInt32})) AS people_again,
    arraySort(groupUniqArrayIf(sub_channel, sub_channel != '')) AS sub_channels
FROM contacts
GROUP BY brand, issue
ORDER BY repeats DESC, contacts DESC, brand, issue;
