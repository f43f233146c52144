-- The newest deletion record of each action, over all buckets: there are few.
CREATE OR REPLACE TEMP TABLE deletions AS
SELECT
    t.transaction_key, t.award_key, t.last_modified, t.source, t.capture_id, t.locator,
    coalesce(c.last_seen, 0) AS seen
FROM lake_transaction AS t
LEFT JOIN captures AS c USING (capture_id)
WHERE t.deleted
QUALIFY row_number() OVER (
    PARTITION BY t.transaction_key
    ORDER BY t.last_modified DESC NULLS LAST, coalesce(c.first_seen, 0), t.filename, t.file_row_number
) = 1;

CREATE OR REPLACE TEMP TABLE live_keys AS
SELECT DISTINCT t.transaction_key
FROM lake_transaction AS t SEMI JOIN deletions AS d ON t.transaction_key = d.transaction_key
WHERE NOT t.deleted;
