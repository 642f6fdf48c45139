-- What did a run come to? One row. A person is across channels with three or more of them, a journey with two or more.
SELECT
    (SELECT uniqExact(channel) FROM touchpoints_v) AS channels,
    (SELECT count() FROM people_v) AS people,
    (
        SELECT countIf(channels >= 3)
        FROM (SELECT uniqExact(channel) AS channels FROM touchpoints_v WHERE person_id != '' GROUP BY person_id)
    ) AS cross_channel_people,
    (SELECT count() FROM journeys_v) AS journeys,
    (SELECT countIf(length(channels) >= 2) FROM journeys_v) AS cross_channel_journeys,
    (SELECT count() FROM friction_v) AS friction_hits,
    (SELECT count() FROM agg_channel_1m_v) + (SELECT count() FROM agg_task_funnel_5m_v)
        + (SELECT count() FROM agg_channel_transition_15m_v) + (SELECT count() FROM agg_friction_5m_v)
        + (SELECT count() FROM agg_location_15m_v) AS rollup_rows,
    (SELECT count() FROM dead_letters_v) AS dead_letters;
