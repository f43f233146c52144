-- Deletions of this bucket's awards.
SELECT
    d.transaction_key, d.award_key, d.last_modified, v.obligation,
    v.transaction_key IS NOT NULL AND c.transaction_key IS NULL AS removed,
    d.source, d.capture_id, d.locator
FROM deletions AS d
LEFT JOIN (SELECT * FROM versions WHERE stands AND key_origin = 'filed') AS v ON d.transaction_key = v.transaction_key
LEFT JOIN current_rows AS c ON d.transaction_key = c.transaction_key
WHERE hash(coalesce(v.award_key, d.award_key)) % getvariable('buckets') = getvariable('bucket')
    -- a deletion record whose award key is not the row's own is told where the row is
    AND (v.transaction_key IS NOT NULL OR d.transaction_key NOT IN (SELECT transaction_key FROM live_keys))
ORDER BY d.transaction_key
