-- Who controls whom, as each source states it, with its days and whether it stands. Nothing stated is left out.
-- order: company_id, parent_company_id, control, source, valid_from, first_seen, company, parent, reason
-- shape: COMPANY_EDGE
SELECT * FROM lake_company_control
