-- Ids that are another company today, each with the reason: what was filed, listed or stored under the old id is found
-- under the new one. An undone judgement takes its rows out again.
-- key: old_company_id
-- column old_company_id: Id as filed, listed, written in a text, or judged on
-- column new_company_id: Company it is today
-- column name: A name it goes by
-- column origin: record, register, list, judgement or text: where the old id comes from
-- column why: Why it is that company, in words
SELECT member_id AS old_company_id, company_id AS new_company_id, name, origin, coalesce(why, 'the same company') AS why
FROM lake_company_member
WHERE member_id <> company_id
