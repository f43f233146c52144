-- A candidate's score must be the exact sum of its bars, and of its three numbers and the service's.
SELECT c.candidate_id, c.score, w.bits
FROM candidate AS c
FULL JOIN (SELECT candidate_id, sum(bits) AS bits, count(*) FILTER (WHERE bits IS NULL) AS empty
    FROM candidate_weight GROUP BY candidate_id) AS w ON c.candidate_id = w.candidate_id
WHERE c.candidate_id IS NULL OR w.candidate_id IS NULL OR c.score IS DISTINCT FROM w.bits OR w.empty > 0
    OR c.score <> c.service + c.identity + c.corroboration + c.contradiction
