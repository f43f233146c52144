-- Statements that make no candidate, with the reason: government bodies, natural persons, nobody named (§2.6); of texts
-- also a relation that supplies nothing (requested, proposed, denied ...).
-- kind: view
-- column reason: Why it makes no candidate
SELECT statement_id, record_kind, record_key, vendor, company_id, category, kind, relation, certainty, entity, excluded AS reason
FROM statement
WHERE excluded IS NOT NULL
