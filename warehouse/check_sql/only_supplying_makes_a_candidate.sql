-- Only a relation that supplies (provides, ended) makes a candidate; a request names nobody.
SELECT b.candidate_id, s.statement_id, s.relation
FROM statement_bits AS b INNER JOIN statement AS s ON b.statement_id = s.statement_id
WHERE s.relation NOT IN ('provides', 'ended')
UNION ALL
SELECT NULL, statement_id, relation FROM statement
WHERE (company_id IS NULL AND excluded IS NULL) OR (company_id IS NULL) <> (vendor_role = 'nobody')
