-- Both ends of every edge of control, and both sides of every review, are companies.
SELECT e.company_id, e.reason FROM company_edge AS e ANTI JOIN company AS c ON e.company_id = c.company_id
UNION ALL
SELECT e.parent_company_id, e.reason FROM company_edge AS e ANTI JOIN company AS c ON e.parent_company_id = c.company_id
UNION ALL
SELECT r.a, r.reason FROM company_review AS r WHERE r.a = r.b OR r.a_name IS NULL OR r.b_name IS NULL
