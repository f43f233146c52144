-- A span must be as long as its words.
SELECT statement_id, position, words FROM statement_span WHERE length(words) <> "end" - start OR start < 0
