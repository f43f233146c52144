-- Captures that records were read from, and captures that are no evidence with the reason (verdict).
-- key: capture_id
-- shape: CAPTURE
-- provenance: whole table
SELECT c.*
FROM archive_captures AS c
SEMI JOIN used_captures AS u ON c.capture_id = u.capture_id
QUALIFY row_number() OVER (
    PARTITION BY c.capture_id ORDER BY c.revisit_of IS NOT NULL, c.fetched_at, c.warc_file, c.warc_offset
) = 1
