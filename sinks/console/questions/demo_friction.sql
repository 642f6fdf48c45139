-- Which friction was found? From the aggregates of the stitcher.
SELECT pattern, severity, sum(hits) AS hits, uniqExact(brand) AS brands, max(window_start) AS newest_at
FROM agg_friction_5m_v
GROUP BY pattern, severity
ORDER BY hits DESC, pattern, severity;
