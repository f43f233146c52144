-- Every statement must have the words it was read from.
SELECT s.statement_id, s.record_key FROM statement AS s ANTI JOIN statement_span AS p ON s.statement_id = p.statement_id
