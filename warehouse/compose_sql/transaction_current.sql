-- The actions that stand.
SELECT {columns} FROM current_rows ORDER BY transaction_key
