-- A candidate's bars must be those of its strongest statement, one bar of each name.
SELECT w.candidate_id, w.bar, count(*) AS bars
FROM candidate_weight AS w
LEFT JOIN candidate AS c ON w.candidate_id = c.candidate_id
GROUP BY w.candidate_id, w.bar
HAVING count(*) > 1 OR bool_or(w.statement_id IS NOT NULL AND w.statement_id <> c.best_statement_id)
