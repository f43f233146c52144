-- Each source: when it last answered, how much of it is evidence, how many rows it supplied.
-- key: source
-- provenance: whole table
-- column source: Source
-- column captures: Captures that are evidence
-- column refused: Captures kept but no evidence (block pages, errors, truncated bodies, ...)
-- column failed: Captures that no longer verify
-- column first_fetched: First capture that is evidence (UTC)
-- column last_fetched: Last capture that is evidence (UTC)
-- column bytes: Payload bytes of the evidence
-- column actions: Standing actions read from it
-- column subawards: Standing subawards read from it
-- column notices: Versions of notices read from it
-- column documents: Distinct texts read from it
-- column leads: Announcements of articles read from it
-- column facilities: Rows of facility lists read from it
SELECT
    c.source,
    count(*) FILTER (WHERE c.verdict = 'ok') AS captures,
    count(*) FILTER (WHERE c.verdict NOT IN ('ok', 'not_modified', 'failed_verification')) AS refused,
    count(*) FILTER (WHERE c.verdict = 'failed_verification') AS failed,
    min(c.fetched_at) FILTER (WHERE c.verdict = 'ok') AS first_fetched,
    max(c.fetched_at) FILTER (WHERE c.verdict = 'ok') AS last_fetched,
    coalesce(sum(c.payload_bytes) FILTER (WHERE c.verdict = 'ok'), 0)::BIGINT AS bytes,
    coalesce(any_value(a.rows), 0)::BIGINT AS actions,
    coalesce(any_value(s.rows), 0)::BIGINT AS subawards,
    coalesce(any_value(n.rows), 0)::BIGINT AS notices,
    coalesce(any_value(d.rows), 0)::BIGINT AS documents,
    coalesce(any_value(l.rows), 0)::BIGINT AS leads,
    coalesce(any_value(f.rows), 0)::BIGINT AS facilities
FROM capture AS c
LEFT JOIN (SELECT source, count(*) AS rows FROM award_action GROUP BY source) AS a ON c.source = a.source
LEFT JOIN (SELECT source, count(*) AS rows FROM subaward GROUP BY source) AS s ON c.source = s.source
LEFT JOIN (SELECT source, count(*) AS rows FROM notice GROUP BY source) AS n ON c.source = n.source
LEFT JOIN (SELECT source, count(*) AS rows FROM document GROUP BY source) AS d ON c.source = d.source
LEFT JOIN (SELECT source, count(*) AS rows FROM lead GROUP BY source) AS l ON c.source = l.source
LEFT JOIN (SELECT source, count(*) AS rows FROM facility_listing GROUP BY source) AS f ON c.source = f.source
GROUP BY c.source
