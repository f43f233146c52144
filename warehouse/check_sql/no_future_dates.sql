-- Nothing can have been done after the day of the newest data.
SELECT 'award_action' AS "table", transaction_key AS key, action_date AS day
FROM award_action WHERE action_date > (SELECT as_of FROM meta)
UNION ALL
SELECT 'subaward', subaward_key, action_date FROM subaward WHERE action_date > (SELECT as_of FROM meta)
