-- Every row seen of this bucket's awards, with when its capture was fetched and whether it still verifies.
-- A bucket holds whole awards, because every rule of composition stays within one award.
CREATE OR REPLACE TEMP TABLE raw AS
SELECT
    t.*,
    regexp_replace(t.filename, '/[^/]*$', '') AS listing,
    coalesce(c.ok, false) AS ok,
    coalesce(c.first_seen, 0) AS first_seen,
    coalesce(c.last_seen, 0) AS last_seen,
    coalesce(upper(trim(t.modification)), '0') AS mod,
    starts_with(t.transaction_key, 'SUMMARY:') AS is_summary
FROM lake_transaction AS t
LEFT JOIN captures AS c USING (capture_id)
WHERE hash(t.award_key) % getvariable('buckets') = getvariable('bucket') AND NOT t.deleted;
