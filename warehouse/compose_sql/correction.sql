-- What was replaced, by what, and why.
WITH replaced AS (
    SELECT v.*, 'newer' AS reason, v.transaction_key AS by_key, v.action_date AS by_day
    FROM versions AS v WHERE NOT v.stands
    UNION ALL BY NAME
    SELECT f.* EXCLUDE (gave_way, stands_for), 'filed' AS reason, f.stands_for AS by_key, NULL AS by_day
    FROM folded AS f WHERE f.gave_way = 'filed'
),

standing AS (
    SELECT * FROM versions WHERE stands
    QUALIFY row_number() OVER (
        PARTITION BY transaction_key, key_origin, CASE WHEN key_origin <> 'filed' THEN action_date END
        ORDER BY last_seen DESC, fact_sha256
    ) = 1
)

SELECT
    s.transaction_key, s.award_key, r.reason,
    s.obligation, r.obligation AS old_obligation,
    s.description, r.description AS old_description,
    s.last_modified, r.last_modified AS old_last_modified,
    r.fact_sha256 AS old_fact_sha256,
    s.capture_id, r.capture_id AS old_capture_id, r.locator AS old_locator
FROM replaced AS r
INNER JOIN standing AS s
    ON r.by_key = s.transaction_key
    AND s.key_origin = CASE WHEN r.reason = 'filed' THEN 'filed' ELSE r.key_origin END
    AND (s.key_origin = 'filed' OR s.is_summary OR s.action_date IS NOT DISTINCT FROM r.by_day)
WHERE r.reason = 'newer'
    OR r.obligation IS DISTINCT FROM s.obligation
    OR r.action_date IS DISTINCT FROM s.action_date
    OR r.description IS DISTINCT FROM s.description
ORDER BY ALL
