-- Every action and subaward must come from a capture of the archive.
SELECT 'award_action' AS "table", a.transaction_key AS key, a.capture_id
FROM award_action AS a ANTI JOIN capture AS c ON a.capture_id = c.capture_id
UNION ALL
SELECT 'subaward', s.subaward_key, s.capture_id FROM subaward AS s ANTI JOIN capture AS c ON s.capture_id = c.capture_id
