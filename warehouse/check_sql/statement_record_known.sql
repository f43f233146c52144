-- Every statement must be of an award, subaward or text that stands.
SELECT s.statement_id, s.record_kind, s.record_key
FROM statement AS s
LEFT JOIN award AS a ON s.record_kind = 'award' AND s.record_key = a.award_key
LEFT JOIN subaward AS b ON s.record_kind = 'subaward' AND s.record_key = b.subaward_key
LEFT JOIN document AS d ON s.record_kind = d.kind AND s.record_key = d.document_id
WHERE a.award_key IS NULL AND b.subaward_key IS NULL AND d.document_id IS NULL
