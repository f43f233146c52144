-- Versions of one action: the newest stands.
-- * filed key: one action a key. Newest by last_modified, then by fetch; a row that verifies before one that does not.
-- * derived key (award and modification; the source gave none): the action date is part of the identity, and a
--   listing never shows one action in two versions, so a key stands for as many actions as the fullest single
--   listing (lake partition) shows with different facts. The newest that many rows stand; older ones were corrected.
-- * award summary: one a award, the newest.
CREATE OR REPLACE TEMP TABLE versions AS
WITH fullest AS (
    SELECT transaction_key, coalesce(action_date, DATE '0001-01-01') AS action_day, max(shown) AS room
    FROM (
        SELECT transaction_key, action_date, listing, count(DISTINCT fact_sha256) AS shown
        FROM raw WHERE key_origin <> 'filed' AND NOT is_summary
        GROUP BY ALL
    )
    GROUP BY ALL
),

aged AS (
    SELECT
        f.*,
        coalesce(fullest.room, 1) AS room,
        row_number() OVER (
            PARTITION BY
                CASE WHEN f.is_summary THEN f.award_key ELSE f.transaction_key END,
                CASE WHEN f.key_origin <> 'filed' AND NOT f.is_summary
                    THEN coalesce(f.action_date, DATE '0001-01-01') END
            ORDER BY f.ok DESC, f.last_modified DESC NULLS LAST, f.last_seen DESC, f.fact_sha256
        ) AS age
    FROM facts AS f
    LEFT JOIN fullest
        ON f.transaction_key = fullest.transaction_key
        AND coalesce(f.action_date, DATE '0001-01-01') = fullest.action_day
        AND f.key_origin <> 'filed' AND NOT f.is_summary
)

SELECT
    * EXCLUDE (age, room),
    age <= room AS stands
FROM aged;
