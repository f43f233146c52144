-- A text must say the words of its statements where they are said to be, and so must its sentence.
SELECT p.statement_id, p.position, p.words
FROM statement_span AS p
INNER JOIN statement AS s ON p.statement_id = s.statement_id
INNER JOIN document AS d ON s.record_key = d.document_id AND s.record_kind = d.kind
WHERE p.column = 'text' AND (p.places IS NULL OR d.text[p.start + 1 : p."end"] <> p.words)
UNION ALL
SELECT s.statement_id, -1, s.sentence
FROM statement AS s INNER JOIN document AS d ON s.record_key = d.document_id AND s.record_kind = d.kind
WHERE NOT contains(d.text, s.sentence)
