-- Subawards: the newest version of each report; exact duplicates are one, the first that verifies.
WITH facts AS (
    SELECT
        s.*,
        coalesce(c.ok, false) AS ok,
        max(coalesce(c.last_seen, 0)) OVER (PARTITION BY s.subaward_key, s.fact_sha256) AS shown_last,
        coalesce(c.first_seen, 0) AS first_seen
    FROM lake_subaward AS s
    LEFT JOIN captures AS c USING (capture_id)
    QUALIFY row_number() OVER (
        PARTITION BY s.subaward_key, s.fact_sha256
        ORDER BY coalesce(c.ok, false) DESC, coalesce(c.first_seen, 0), s.filename, s.file_row_number
    ) = 1
)

SELECT {columns} FROM facts
QUALIFY row_number() OVER (
    PARTITION BY subaward_key ORDER BY ok DESC, shown_last DESC, first_seen DESC, fact_sha256
) = 1
ORDER BY subaward_key
