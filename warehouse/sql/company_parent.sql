-- Ultimate parents as filed with awards, each with its dates and whether it stands; all are kept (see company_edge for
-- what else is known).
-- key: company_id, parent_company_id
-- column company_id: Company
-- column parent_company_id: Parent's company id, from its identifiers as filed
-- column parent: Parent's name as last filed
-- column parent_uei: Parent's UEI as last filed
-- column parent_duns: Parent's DUNS as last filed
-- column records: Number of awards and subawards that file it
-- column first_seen: First action date with it
-- column last_seen: Last action date with it
-- column standing: stands; or self, government, ended, spun_off, superseded: why it is not the parent (any more)
-- column why: The reason in words, empty where it stands
-- column conflict: True when more than one of its parents as filed stands
WITH judged AS (
    SELECT
        company_id, parent_company_id, CASE WHEN bool_or(standing = 'stands') THEN 'stands' ELSE min(standing) END AS standing,
        CASE WHEN bool_or(standing = 'stands') THEN '' ELSE min(why) END AS why
    FROM lake_company_control WHERE source = 'award'
    GROUP BY ALL
),

filed AS (
SELECT
    company_id, parent_company_id,
    arg_max(parent, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent,
    arg_max(parent_uei, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent_uei,
    arg_max(parent_duns, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent_duns,
    count(*) AS records,
    min(first_action) AS first_seen,
    max(last_action) AS last_seen
FROM record_vendor
WHERE parent_company_id IS NOT NULL
GROUP BY company_id, parent_company_id
)

SELECT
    f.*, coalesce(j.standing, 'stands') AS standing, coalesce(j.why, '') AS why,
    count(*) FILTER (WHERE coalesce(j.standing, 'stands') = 'stands') OVER (PARTITION BY f.company_id) > 1 AS conflict
FROM filed AS f
LEFT JOIN judged AS j ON f.company_id = j.company_id AND f.parent_company_id = j.parent_company_id
