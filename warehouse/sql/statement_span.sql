-- The exact words each statement rests on, and where they stand: capture, row, column, characters.
-- key: statement_id, position
-- shape: STATEMENT_SPAN
SELECT p.* FROM lake_statement_span AS p SEMI JOIN statement AS s ON p.statement_id = s.statement_id
