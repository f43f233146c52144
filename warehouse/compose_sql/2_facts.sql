-- Exact duplicates (same key, same facts) become one row: the first that verifies, so that seeing a row again
-- changes nothing. last_seen keeps when the same facts were shown last: a value corrected and then corrected
-- back is current again.
CREATE OR REPLACE TEMP TABLE facts AS
SELECT
    * EXCLUDE (last_seen),
    max(last_seen) OVER (PARTITION BY transaction_key, key_origin, fact_sha256) AS last_seen
FROM raw
QUALIFY row_number() OVER (
    PARTITION BY transaction_key, key_origin, fact_sha256 ORDER BY ok DESC, first_seen, filename, file_row_number
) = 1;
