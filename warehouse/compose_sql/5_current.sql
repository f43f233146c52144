-- What stands after deletions. A deletion removes the version it is newer than (same day: the deletion wins); a row
-- modified later came back. Derived keys that stand for several actions get '#2', '#3' in the order of their facts.
CREATE OR REPLACE TEMP TABLE current_rows AS
SELECT
    f.* REPLACE (
        f.transaction_key || CASE WHEN number > 1 THEN '#' || number ELSE '' END AS transaction_key
    )
FROM (
    SELECT
        v.*,
        row_number() OVER (
            PARTITION BY v.transaction_key
            ORDER BY v.key_origin <> 'filed', v.action_date, v.description, v.obligation, v.fact_sha256
        ) AS number
    FROM folded AS v
    WHERE v.gave_way IS NULL
) AS f
LEFT JOIN deletions AS d ON f.transaction_key = d.transaction_key AND f.key_origin = 'filed'
WHERE d.transaction_key IS NULL
    OR CASE
        WHEN d.last_modified IS NULL OR f.last_modified IS NULL THEN d.seen < f.last_seen
        ELSE d.last_modified < f.last_modified
    END;
