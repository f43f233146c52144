-- Actions that the source deleted.
-- key: transaction_key
-- shape: TOMBSTONE
SELECT * FROM lake_tombstone
