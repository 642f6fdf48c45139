-- Who came back to a channel and had to do it all over again?
-- Grain: one row for each hit of X06: a person and a line of touchpoints of one brand and task, named by its first.
-- Caveats: people are those the touchpoints were published under, as in the hits. Only touchpoints that tell a task are
-- seen. An earlier bounce of a line is always one between neighbouring stays at the channel, so only those are asked for.
-- Parameters: within_hours (between neighbours of a line, and from leaving a channel to coming back).
-- Default within_hours: 24
WITH
    (keys -> if(length(keys) > 20, arrayConcat(arraySlice(keys, 1, 10), arraySlice(keys, -10)), keys)) AS ends_of,
    items AS
    (
        SELECT
            published_person_id AS person_id,
            brand,
            task,
            channel,
            name,
            form_field_group,
            step_index,
            key,
            toUnixTimestamp64Milli(event_time) AS at,
            (event_time, source, event_id, key) AS place,
            outcome = 'completed' AS completes
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
        SELECT *, sum(begins) OVER (PARTITION BY person_id, brand, task ORDER BY place) AS line
        FROM linked
    ),
    told AS
    (
        SELECT
            *,
            NOT begins AND channel != channel_before
                AND at - lagInFrame(at) OVER (PARTITION BY person_id, brand, task, line, channel ORDER BY place)
                    <= {within_hours:Int64} * 3600000 AS bounces,
            uniqExact(channel) OVER (PARTITION BY person_id, brand, task, line, name, form_field_group ORDER BY place) AS asked_at,
            uniqExact(channel) OVER (PARTITION BY person_id, brand, task, line, name ORDER BY place) AS started_at,
            groupArrayIf((channel, assumeNotNull(step_index)), step_index IS NOT NULL) OVER (
                PARTITION BY person_id, brand, task, line ORDER BY place) AS steps,
            (name = 'info.provided' AND form_field_group != '' AND asked_at >= 2)
                OR (name = 'task.started' AND started_at >= 2)
                OR arrayExists(
                    step -> ifNull(step.1 != channel AND step.2 > step_index, false),
                    steps) AS enters_again
        FROM numbered
    ),
    lines AS
    (
        SELECT
            person_id,
            argMin(key, place) AS hit_key,
            arraySort(groupArray(place)) AS places,
            greatest(minIf(at, bounces), minIf(at, enters_again)) AS detected
        FROM told
        GROUP BY person_id, brand, task, line
        HAVING max(bounces) AND max(enters_again)
    )
SELECT
    person_id,
    hit_key,
    'high' AS severity,
    fromUnixTimestamp64Milli(detected, 'UTC') AS detected_at,
    ends_of(arrayMap(place -> place.4, places)) AS evidence
FROM lines
ORDER BY person_id, hit_key;
