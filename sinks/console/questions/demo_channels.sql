-- What happened on each channel? From the aggregates of the stitcher.
SELECT channel, sum(events) AS events, sum(errors) AS errors, round(100 * errors / events, 1) AS error_percent
FROM agg_channel_1m_v
GROUP BY channel
ORDER BY events DESC, channel;
