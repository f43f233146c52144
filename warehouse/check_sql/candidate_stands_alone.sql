-- A candidate must have a statement that may make one by itself, and that is its strongest.
SELECT c.candidate_id, s.statement_id, s.reliability
FROM candidate AS c LEFT JOIN statement AS s ON c.best_statement_id = s.statement_id
WHERE s.alone IS NOT TRUE
