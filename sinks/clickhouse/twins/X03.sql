-- Who went from channel to channel with one task?
-- Grain: one row for each hit of X03: a person and a line of touchpoints of one brand and task, named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits. Only touchpoints that tell a task are
-- seen; a channel to which the context was carried is no hop.
-- Parameters: as_of (epoch milliseconds); within_hours (between neighbours of a line, and to complete at three channels);
-- lateness_minutes.
-- Default within_hours: 24
-- Default lateness_minutes: 15
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    items AS
    (
        SELECT
            published_person_id AS person_id,
            brand,
            task,
            channel,
            key,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            outcome = 'completed' AS completes,
            outcome = 'failed' OR error_class IN ('system', 'network', 'third_party') AS fails,
            ifNull(context_carried, false) AS carried
        FROM touchpoints_v
        WHERE published_person_id != '' AND direction = 'inbound' AND task != ''
    ),
    linked AS
    (
        SELECT
            *,
            lagInFrame(channel) OVER task_order AS channel_before,
            at - lagInFrame(at) OVER task_order > {within_hours:Int64} * 3600000 OR lagInFrame(completes) OVER task_order
                AS begins
        FROM items
        WINDOW task_order AS (PARTITION BY person_id, brand, task ORDER BY place)
    ),
    numbered AS
    (
        SELECT
            *,
            NOT begins AND channel != channel_before AND NOT carried AND NOT completes AS changes,
            sum(begins) OVER (PARTITION BY person_id, brand, task ORDER BY place) AS line
        FROM linked
    ),
    told AS
    (
        SELECT
            *,
            sum(changes) OVER line_order AS changes_so_far,
            max(fails) OVER line_order AS failed_so_far,
            uniqExactIf(channel, NOT carried AND NOT completes) OVER line_order AS channels_so_far
        FROM numbered
        WINDOW line_order AS (PARTITION BY person_id, brand, task, line ORDER BY place)
    ),
    lines AS
    (
        SELECT
            person_id,
            argMin(key, place) AS hit_key,
            arraySort(groupArray(place)) AS places,
            max(changes_so_far >= 2 AND failed_so_far) AS hopped,
            minIf(at, changes_so_far >= 2 AND failed_so_far) AS hopped_at,
            max(channels_so_far >= 3) AS strayed,
            minIf(at, channels_so_far >= 3) + {within_hours:Int64} * 3600000 AS completes_until,
            groupArrayIf(at, completes) AS completed_at
        FROM told
        GROUP BY person_id, brand, task, line
    ),
    fired AS
    (
        SELECT
            person_id,
            hit_key,
            places,
            hopped,
            hopped_at,
            completes_until + {lateness_minutes:Int64} * 60000 AS strayed_at,
            strayed AND strayed_at <= {as_of:Int64} AND NOT arrayExists(done -> done <= completes_until, completed_at) AS left_alone
        FROM lines
    )
SELECT
    person_id,
    hit_key,
    'high' AS severity,
    fromUnixTimestamp64Milli(
        multiIf(NOT hopped, strayed_at, NOT left_alone, hopped_at, least(hopped_at, strayed_at)), 'UTC') AS detected_at,
    ends_of(arrayMap(place -> place.4, places)) AS evidence
FROM fired
WHERE hopped OR left_alone
ORDER BY person_id, hit_key;
