-- Federal contract notices (SAM.gov), every version: what agencies ask for, justify and award. The chain of a
-- procurement is its rows in order of amendment.
-- key: notice_id, version_sha256
-- shape: NOTICE
-- column current: True for the last notice of its procurement; earlier ones are its history
WITH once AS (
    SELECT * FROM lake_notice
    QUALIFY row_number() OVER (PARTITION BY notice_id, version_sha256 ORDER BY source, capture_id, locator) = 1
)

SELECT
    *,
    row_number() OVER (
        PARTITION BY procurement_key
        ORDER BY amendment DESC NULLS LAST, posted_at DESC NULLS LAST, notice_id, version_sha256
    ) = 1 AS current
FROM once
