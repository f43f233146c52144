-- Every name a company was filed under. Natural persons are left out.
-- key: company_id, name, kind
-- column company_id: Company
-- column name: Name as filed
-- column kind: legal or dba (doing business as)
-- column records: Number of awards and subawards filed under it
-- column first_seen: First action date under it
-- column last_seen: Last action date under it
SELECT company_id, name, kind, count(*) AS records, min(first_action) AS first_seen, max(last_action) AS last_seen
FROM (
    SELECT company_id, recipient AS name, 'legal' AS kind, first_action, last_action
    FROM record_vendor WHERE entity <> 'individual' AND recipient IS NOT NULL
    UNION ALL
    SELECT company_id, recipient_dba, 'dba', first_action, last_action
    FROM record_vendor WHERE entity <> 'individual' AND recipient_dba IS NOT NULL
)
GROUP BY ALL
