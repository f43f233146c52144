-- Government bodies, natural persons and vendors not named make no candidate (§2.6).
SELECT b.candidate_id, s.statement_id, s.excluded
FROM statement_bits AS b INNER JOIN statement AS s ON b.statement_id = s.statement_id
WHERE s.excluded IS NOT NULL
UNION ALL
SELECT s.statement_id, s.entity, s.company_id FROM statement AS s
WHERE s.excluded IS NULL AND (s.entity IN ('government', 'individual') OR starts_with(s.company_id, 'unidentified:'))
