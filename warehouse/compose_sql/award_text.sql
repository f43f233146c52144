-- Distinct descriptions of an award: the base first, then by action date; each with the first row that shows it,
-- a row that verifies before one that does not.
WITH shown AS (
    SELECT
        award_key, transaction_key, source, capture_id, locator, ok, rank,
        unnest([
            {'description': base_description, 'column': 'base_description', 'later': 0},
            {'description': description, 'column': 'description', 'later': (mod <> '0' AND NOT is_summary)::INT}
        ]) AS text
    FROM witness
),

first_shown AS (
    SELECT
        award_key,
        text.description AS description,
        min((text.later, rank, text.column)) AS place,
        arg_min(
            {'transaction_key': transaction_key, 'source': source, 'capture_id': capture_id, 'locator': locator,
             'column': text.column},
            ((NOT ok)::INT, text.later, rank, text.column <> 'description')
        ) AS seen
    FROM shown
    WHERE trim(text.description) <> ''
    GROUP BY ALL
)

SELECT
    award_key,
    (row_number() OVER (PARTITION BY award_key ORDER BY place, description) - 1)::INTEGER AS text_index,
    description,
    seen.transaction_key AS transaction_key,
    seen.source AS source,
    seen.capture_id AS capture_id,
    seen.locator AS locator,
    seen.column AS "column"
FROM first_shown
ORDER BY award_key, text_index
