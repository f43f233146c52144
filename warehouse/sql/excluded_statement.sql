-- Statements that make no candidate, with the reason (§2.6: government bodies; natural persons; nobody named).
-- kind: view
-- column reason: Why it makes no candidate
SELECT statement_id, record_kind, record_key, vendor, company_id, category, kind, certainty, entity, excluded AS reason
FROM statement
WHERE excluded IS NOT NULL
