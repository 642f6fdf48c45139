-- How complete and how fresh is what each source sends?
-- Grain: one row for each source.
-- Caveats: `complete_up_to` is log time, so a source that has stopped sending stays where it stopped. A touchpoint is
-- stitched if it has a person, whoever that is. `late_share` and `dead_share` are of all events read, from 0 to 1, the other
-- shares of the touchpoints shown, without bots and tests.
-- Parameters: none.
-- Chart: touchpoints by source
WITH
    shown AS
    (
        SELECT
            source,
            count() AS touchpoints,
            countIf(person_id != '') AS stitched,
            countIf(person_id != '' AND notEmpty(strong)) AS identified,
            countIf(task != '') AS with_task,
            countIf(journey_id != '') AS in_journey,
            quantileExact(0.9)(dateDiff('second', event_time, received_at)) AS seconds_to_arrive_p90
        FROM touchpoints_v
        WHERE NOT is_bot AND NOT is_test
        GROUP BY source
    )
SELECT
    f.source AS source,
    f.complete_up_to AS complete_up_to,
    f.newest_event_time AS newest_event_time,
    f.accepted AS accepted,
    round(f.late / greatest(1, f.accepted + f.late + f.dead), 4) AS late_share,
    round(f.dead / greatest(1, f.accepted + f.late + f.dead), 4) AS dead_share,
    s.touchpoints AS touchpoints,
    round(s.stitched / greatest(1, s.touchpoints), 4) AS stitched_share,
    round(s.identified / greatest(1, s.touchpoints), 4) AS identified_share,
    round(s.with_task / greatest(1, s.touchpoints), 4) AS task_share,
    round(s.in_journey / greatest(1, s.touchpoints), 4) AS journey_share,
    s.seconds_to_arrive_p90 AS seconds_to_arrive_p90
FROM freshness_v AS f
LEFT JOIN shown AS s ON s.source = f.source
ORDER BY complete_up_to, source;
