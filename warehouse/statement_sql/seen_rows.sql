-- Where each wanted value (record, column, value) stands: a row of a capture and the column of that row.
-- Descriptions of awards are found already (award_text). For the rest: a row that verifies before one that does not, a
-- standing row before one that gave way, the first seen.
CREATE OR REPLACE TEMP TABLE seen_rows AS
WITH rows_of_hits AS (
    SELECT
        'award' AS record_kind, award_key AS record_key, 0 AS standing, transaction_key, source, capture_id, locator,
        recipient, parent, psc, psc_code, naics, naics_code,
        awarding_subtier, funding_subtier, awarding_office, funding_office,
        NULL::VARCHAR AS description, NULL::VARCHAR AS prime_description
    FROM lake_transaction_current
    WHERE award_key IN (SELECT record_key FROM wanted)
    UNION ALL
    SELECT
        'award', award_key, 1, transaction_key, source, capture_id, locator,
        recipient, parent, psc, psc_code, naics, naics_code,
        awarding_subtier, funding_subtier, awarding_office, funding_office,
        NULL, NULL
    FROM lake_transaction
    WHERE NOT deleted AND award_key IN (SELECT record_key FROM wanted)
    UNION ALL
    SELECT
        'subaward', subaward_key, 0, NULL, source, capture_id, locator,
        recipient, parent, NULL, NULL, naics, naics_code,
        awarding_subtier, funding_subtier, awarding_office, funding_office,
        description, prime_description
    FROM lake_subaward_current
    WHERE subaward_key IN (SELECT record_key FROM wanted)
),

values_of_rows AS (
    SELECT
        * EXCLUDE (row_column),
        row_column AS "column",
        CASE row_column WHEN 'prime_description' THEN 'description' ELSE row_column END AS asked
    FROM (
        UNPIVOT rows_of_hits
        ON recipient, parent, psc, psc_code, naics, naics_code,
            awarding_subtier, funding_subtier, awarding_office, funding_office, description, prime_description
        INTO NAME row_column VALUE value
    )
    UNION ALL BY NAME
    SELECT
        'award' AS record_kind, award_key AS record_key, 0 AS standing, transaction_key, source, capture_id, locator,
        "column", 'description' AS asked, description AS value
    FROM lake_award_text
    WHERE award_key IN (SELECT record_key FROM wanted)
)

SELECT
    w.record_kind, w.record_key, w.column, w.value,
    arg_min(
        {'transaction_key': v.transaction_key, 'source': v.source, 'capture_id': v.capture_id, 'locator': v.locator,
         'column': v.column},
        ((NOT coalesce(c.ok, false))::INT, v.standing, v.column, coalesce(c.first_seen, 0), v.capture_id, v.locator)
    ) AS seen
FROM wanted AS w
INNER JOIN values_of_rows AS v
    ON w.record_kind = v.record_kind AND w.record_key = v.record_key AND w.column = v.asked AND w.value = v.value
LEFT JOIN captures AS c ON v.capture_id = c.capture_id
GROUP BY ALL;
