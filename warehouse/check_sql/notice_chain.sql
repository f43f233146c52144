-- Of a procurement's notices one is the last, and each notice is in one procurement.
SELECT procurement_key AS key, count(*) FILTER (WHERE current) AS last_ones FROM notice GROUP BY procurement_key
HAVING count(*) FILTER (WHERE current) <> 1
