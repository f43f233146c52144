-- Federal actions (transactions) that stand after duplicates, corrections and deletions: a base award or modification.
-- key: transaction_key
-- shape: TRANSACTION
SELECT * FROM lake_transaction_current
