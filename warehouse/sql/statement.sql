-- Statements: who supplies which service to which agency, read from one record by the words in statement_span.
-- Statements whose words stand in a capture that no longer verifies are in withdrawn_statement instead.
-- key: statement_id
-- shape: STATEMENT
SELECT s.* FROM lake_statement AS s ANTI JOIN withdrawn_statement AS w ON s.statement_id = w.statement_id
