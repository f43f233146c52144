-- Every statement that can make a candidate must have its weights (ordinance/weights.yaml).
SELECT s.statement_id, s.record_kind, s.vendor_role, s.reliability
FROM statement AS s LEFT JOIN statement_bits AS b ON s.statement_id = b.statement_id
WHERE s.excluded IS NULL AND s.alone AND s.relation IN (SELECT key FROM weight WHERE bar = 'relation') AND b.bits IS NULL
