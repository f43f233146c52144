-- Of a work's texts one stands, and statements are read from it alone.
SELECT work_key, count(*) FILTER (WHERE current) AS standing FROM document GROUP BY work_key
HAVING count(*) FILTER (WHERE current) <> 1
UNION ALL
SELECT d.work_key, 0
FROM statement AS s INNER JOIN document AS d ON s.record_key = d.document_id AND s.record_kind = d.kind
WHERE NOT d.current
