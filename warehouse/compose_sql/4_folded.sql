-- A row with a derived key gives way to a filed row of the same award and modification when both tell the same
-- action: same date and amount; or same date; or the filed row is the only one and no other derived row is it.
-- The official key and its last-modified date make the filed row the stronger witness, whichever came later.
-- An award summary gives way to any real action of its award.
CREATE OR REPLACE TEMP TABLE folded AS
WITH filed AS (
    SELECT award_key, mod, transaction_key, action_date, obligation
    FROM versions WHERE stands AND key_origin = 'filed' AND NOT is_summary
),

pairs AS (
    SELECT
        d.transaction_key, d.fact_sha256, d.award_key, d.mod,
        f.transaction_key AS filed_key,
        f.action_date IS NOT DISTINCT FROM d.action_date AS same_day,
        same_day AND f.obligation IS NOT DISTINCT FROM d.obligation AS agrees
    FROM versions AS d
    INNER JOIN filed AS f ON d.award_key = f.award_key AND d.mod = f.mod
    WHERE d.stands AND d.key_origin <> 'filed' AND NOT d.is_summary
),

judged AS (
    SELECT
        transaction_key, fact_sha256, award_key, mod,
        count(*) AS choices,
        bool_or(agrees) AS agrees,
        bool_or(same_day) AS same_day,
        arg_max(filed_key, (agrees::INT * 2 + same_day::INT, filed_key)) AS stands_for
    FROM pairs
    GROUP BY ALL
),

settled AS (
    SELECT *, bool_or(agrees) OVER (PARTITION BY award_key, mod) AS filed_is_taken
    FROM judged
),

real AS (
    SELECT DISTINCT award_key FROM versions WHERE NOT is_summary
)

SELECT
    v.*,
    CASE
        WHEN v.is_summary AND r.award_key IS NOT NULL THEN 'transactions'
        WHEN s.agrees OR s.same_day OR (s.choices = 1 AND NOT s.filed_is_taken) THEN 'filed'
    END AS gave_way,
    s.stands_for
FROM versions AS v
LEFT JOIN settled AS s
    ON v.transaction_key = s.transaction_key AND v.fact_sha256 = s.fact_sha256 AND v.key_origin <> 'filed'
LEFT JOIN real AS r ON v.award_key = r.award_key
WHERE v.stands;
