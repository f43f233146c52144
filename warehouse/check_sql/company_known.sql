-- Every vendor, reseller and candidate must be in company.
SELECT DISTINCT s.company_id, s.statement_id FROM statement AS s ANTI JOIN company AS c ON s.company_id = c.company_id
WHERE s.company_id IS NOT NULL
UNION ALL
SELECT DISTINCT s.via_company_id, s.statement_id
FROM statement AS s ANTI JOIN company AS c ON s.via_company_id = c.company_id
WHERE s.via_company_id IS NOT NULL
UNION ALL
SELECT k.company_id, k.candidate_id FROM candidate AS k ANTI JOIN company AS c ON k.company_id = c.company_id
