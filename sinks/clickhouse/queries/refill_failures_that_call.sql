-- Which refill failures end in a call or a visit to the pharmacy?
-- Grain: one row for each channel, step, error and reason of a failed refill.
-- Caveats: what follows is the person's first contact with support, or touchpoint at a pharmacy, within the hours given;
-- it may be about something else. Failures of one person shortly after each other count each.
-- Parameters: within_hours (from the failure to what follows).
-- Default within_hours: 4
-- Chart: followed by channel, step_name, error_code, outcome_reason
WITH
    failures AS
    (
        SELECT person_id, event_time AS failed_at, channel, step_name, error_code, outcome_reason
        FROM touchpoints_v
        WHERE person_id != '' AND direction = 'inbound' AND task = 'refill'
            AND (outcome = 'failed' OR error_class IN ('system', 'network', 'third_party'))
    ),
    followers AS
    (
        SELECT person_id, arraySort(groupArray((event_time, if(channel = 'support', 'call', 'visit')))) AS followers_of
        FROM touchpoints_v
        WHERE person_id != '' AND direction = 'inbound'
            AND ((channel = 'support' AND name IN ('contact.started', 'ticket.created', 'message.replied'))
                OR (channel = 'store' AND location_type = 'pharmacy'))
        GROUP BY person_id
    ),
    followed AS
    (
        SELECT
            *,
            arrayFirst(
                f -> f.1 > failed_at AND f.1 <= failed_at + toIntervalHour({within_hours:UInt32}),
                followers_of) AS follower
        FROM failures
        LEFT JOIN followers USING (person_id)
    )
SELECT
    channel,
    step_name,
    error_code,
    outcome_reason,
    count() AS failures,
    uniqExact(person_id) AS people,
    countIf(follower.2 = 'call') AS calls,
    countIf(follower.2 = 'visit') AS visits,
    calls + visits AS followed,
    round(followed / failures, 4) AS followed_share,
    round(ifNotFinite(medianExactIf(dateDiff('second', failed_at, follower.1), follower.2 != ''), 0) / 60, 1)
        AS median_minutes
FROM followed
GROUP BY channel, step_name, error_code, outcome_reason
ORDER BY followed DESC, failures DESC, channel, step_name, error_code, outcome_reason;
