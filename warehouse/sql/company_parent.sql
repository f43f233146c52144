-- Ultimate parents as filed, each with its dates; conflicting filings are all kept and marked.
-- key: company_id, parent_company_id
-- column company_id: Company
-- column parent_company_id: Parent's company id, from its identifiers as filed
-- column parent: Parent's name as last filed
-- column parent_uei: Parent's UEI as last filed
-- column parent_duns: Parent's DUNS as last filed
-- column records: Number of awards and subawards that file it
-- column first_seen: First action date with it
-- column last_seen: Last action date with it
-- column conflict: True when the company was filed with more than one parent
SELECT
    company_id, parent_company_id,
    arg_max(parent, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent,
    arg_max(parent_uei, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent_uei,
    arg_max(parent_duns, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent_duns,
    count(*) AS records,
    min(first_action) AS first_seen,
    max(last_action) AS last_seen,
    count(*) OVER (PARTITION BY company_id) > 1 AS conflict
FROM record_vendor
WHERE parent_company_id IS NOT NULL
GROUP BY company_id, parent_company_id
