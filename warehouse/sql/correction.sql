-- Correction history: rows that were replaced, by which row and why.
-- shape: CORRECTION
-- order: transaction_key, old_fact_sha256, old_capture_id, old_locator
SELECT * FROM lake_correction
