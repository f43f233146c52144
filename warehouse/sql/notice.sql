-- Federal contract notices (SAM.gov), every version: what agencies ask for, justify and award. The chain of a
-- procurement is its rows in order of amendment.
-- key: notice_id, version_sha256
-- shape: NOTICE
-- column current: True for the last notice of its procurement; earlier ones are its history
SELECT
    n.*,
    row_number() OVER (
        PARTITION BY n.procurement_key
        ORDER BY n.amendment DESC NULLS LAST, n.posted_at DESC NULLS LAST, n.notice_id, n.version_sha256
    ) = 1 AS current
FROM lake_notice AS n
QUALIFY row_number() OVER (
    PARTITION BY n.notice_id, n.version_sha256 ORDER BY n.source, n.capture_id, n.locator
) = 1
