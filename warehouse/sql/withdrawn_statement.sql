-- Statements withdrawn from publication because their evidence no longer verifies.
-- key: statement_id
-- column statement_id: Statement withdrawn
-- column record_key: Record it was read from
-- column company_id: Company it was about
-- column category: Category it was for
-- column capture_id (provenance): Capture that failed
-- column warc_file (provenance): WARC file of that capture
-- column warc_offset (provenance): Byte offset of its record
-- column reason: What failed
SELECT
    s.statement_id, any_value(s.record_key) AS record_key, any_value(s.company_id) AS company_id,
    any_value(s.category) AS category,
    min(p.capture_id) AS capture_id,
    arg_min(c.warc_file, p.capture_id) AS warc_file,
    arg_min(c.warc_offset, p.capture_id) AS warc_offset,
    coalesce(arg_min(c.verdict || coalesce(': ' || c.verdict_reason, ''), p.capture_id), 'capture not in the archive')
        AS reason
FROM lake_statement AS s
INNER JOIN lake_statement_span AS p ON s.statement_id = p.statement_id
LEFT JOIN capture AS c ON p.capture_id = c.capture_id
WHERE c.verdict IS NULL OR c.verdict <> 'ok'
GROUP BY s.statement_id
