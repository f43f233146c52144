-- Pairs that may be one company: a person should look (`section3c company judge`). First where a candidate is at stake.
-- key: a, b
-- shape: COMPANY_REVIEW
-- column a_name: Name of the one
-- column b_name: Name of the other
-- column candidates: Number of candidates of the two
SELECT
    r.*, coalesce(x.name, m.name) AS a_name, coalesce(y.name, n.name) AS b_name,
    (SELECT count(*) FROM candidate AS k WHERE k.company_id IN (r.a, r.b)) AS candidates
FROM lake_company_review AS r
LEFT JOIN company AS x ON r.a = x.company_id
LEFT JOIN company AS y ON r.b = y.company_id
LEFT JOIN lake_company_member AS m ON r.a = m.member_id
LEFT JOIN lake_company_member AS n ON r.b = n.member_id
