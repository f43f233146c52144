-- What award records say of who is who: recipients and parents with their numbers, state and days; natural persons left
-- out. Needs tables records and readings. A UEI and a DUNS number filed on one row are told apart from the rest.
CREATE OR REPLACE TEMP TABLE filed_together AS
SELECT uei, duns
FROM (
    SELECT recipient_uei AS uei, recipient_duns AS duns FROM lake_transaction_current
    UNION ALL SELECT recipient_uei, recipient_duns FROM lake_subaward_current
    UNION ALL SELECT parent_uei, parent_duns FROM lake_transaction_current
    UNION ALL SELECT parent_uei, parent_duns FROM lake_subaward_current
)
WHERE uei IS NOT NULL AND duns IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE identities AS
WITH told AS (
    SELECT
        'award' AS record_kind, award_key AS record_key, recipient, recipient_dba, recipient_uei, recipient_duns,
        parent, parent_uei, parent_duns, recipient_state AS state, action_date,
        [award_key, CASE
            WHEN string_split(award_key, '_')[5] <> '-NONE-'
                THEN 'vehicle ' || string_split(award_key, '_')[5] || ' ' || coalesce(string_split(award_key, '_')[6], '')
        END] AS contracts
    FROM lake_transaction_current
    UNION ALL
    SELECT
        'subaward', subaward_key, recipient, recipient_dba, recipient_uei, recipient_duns,
        parent, parent_uei, parent_duns, NULL, action_date, []
    FROM lake_subaward_current
)

SELECT
    t.recipient, t.recipient_dba, t.recipient_uei, t.recipient_duns, t.parent, t.parent_uei, t.parent_duns, t.state,
    max(g.entity) AS entity, min(t.action_date) AS first_action, max(t.action_date) AS last_action,
    list_sort(list_distinct(flatten(list(t.contracts)))) AS contracts,
    count(DISTINCT t.record_key)::INTEGER AS records, arg_max(t.record_key, (t.action_date, t.record_key)) AS record_key
FROM told AS t
INNER JOIN records AS r ON t.record_kind = r.record_kind AND t.record_key = r.record_key
INNER JOIN readings AS g ON r.content_sha256 = g.content_sha256
WHERE g.entity <> 'individual'
GROUP BY
    t.recipient, t.recipient_dba, t.recipient_uei, t.recipient_duns, t.parent, t.parent_uei, t.parent_duns, t.state;
