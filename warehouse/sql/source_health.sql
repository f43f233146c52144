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
SELECT
    c.source,
    count(*) FILTER (WHERE c.verdict = 'ok') AS captures,
    count(*) FILTER (WHERE c.verdict NOT IN ('ok', 'not_modified', 'failed_verification')) AS refused,
    count(*) FILTER (WHERE c.verdict = 'failed_verification') AS failed,
    min(c.fetched_at) FILTER (WHERE c.verdict = 'ok') AS first_fetched,
    max(c.fetched_at) FILTER (WHERE c.verdict = 'ok') AS last_fetched,
    coalesce(sum(c.payload_bytes) FILTER (WHERE c.verdict = 'ok'), 0)::BIGINT AS bytes,
    coalesce(any_value(a.rows), 0)::BIGINT AS actions,
    coalesce(any_value(s.rows), 0)::BIGINT AS subawards
FROM capture AS c
LEFT JOIN (SELECT source, count(*) AS rows FROM award_action GROUP BY source) AS a ON c.source = a.source
LEFT JOIN (SELECT source, count(*) AS rows FROM subaward GROUP BY source) AS s ON c.source = s.source
GROUP BY c.source
