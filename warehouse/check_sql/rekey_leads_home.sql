-- An id that is another company today leads to a company, in one step, and nothing stands under the old id.
SELECT old_company_id, new_company_id FROM company_rekey
WHERE new_company_id IN (SELECT old_company_id FROM company_rekey)
UNION ALL
SELECT s.company_id, s.statement_id FROM statement AS s SEMI JOIN company_rekey AS r ON s.company_id = r.old_company_id
UNION ALL
SELECT k.company_id, k.candidate_id FROM candidate AS k SEMI JOIN company_rekey AS r ON k.company_id = r.old_company_id
