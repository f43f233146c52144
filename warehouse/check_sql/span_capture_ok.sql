-- Words of a published statement must stand in a capture that is evidence (verdict ok).
SELECT p.statement_id, p.capture_id, c.verdict
FROM statement_span AS p LEFT JOIN capture AS c ON p.capture_id = c.capture_id
WHERE c.verdict IS NULL OR c.verdict <> 'ok'
