-- Rows that may fill an award's gaps, in order: what stands last, by date; before it, rows that gave way
-- (their identifiers and codes count where no standing row has any). Superseded versions are no witnesses.
CREATE OR REPLACE TEMP TABLE witness AS
WITH kept AS (
    SELECT *, true AS counts FROM (SELECT * EXCLUDE (number) FROM current_rows)
    UNION ALL BY NAME
    SELECT *, false AS counts FROM folded
    WHERE gave_way IS NOT NULL AND award_key IN (SELECT award_key FROM current_rows)
)

SELECT
    *,
    row_number() OVER (
        PARTITION BY award_key
        ORDER BY counts, is_summary DESC, action_date NULLS FIRST, mod <> '0', mod, transaction_key, fact_sha256
    ) AS rank
FROM kept;
