-- How many channels do people use, and which combinations?
-- Grain: one row for each combination of channels.
-- Caveats: stitched touchpoints of customers only, with bots and tests left out; a person known under two identifiers
-- that nobody ever linked counts twice.
-- Parameters: rows (at most so many combinations, the most frequent first).
-- Default rows: 50
-- Chart: people by channels
SELECT
    channels,
    length(channels) AS channel_count,
    count() AS people,
    sum(touchpoints) AS touchpoints
FROM
(
    SELECT
        person_id,
        arraySort(groupUniqArray(channel)) AS channels,
        count() AS touchpoints
    FROM touchpoints_v
    WHERE person_id != '' AND NOT is_bot AND NOT is_test
    GROUP BY person_id
)
GROUP BY channels
ORDER BY people DESC, channels
LIMIT {rows:UInt32};
