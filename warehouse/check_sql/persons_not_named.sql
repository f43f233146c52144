-- Natural persons are not named outside the award's own record (E.6), and in no statement of a text.
SELECT company_id, name FROM company WHERE entity = 'individual' AND name <> '(natural person)'
UNION ALL
SELECT statement_id, vendor FROM statement
WHERE entity = 'individual' AND (vendor <> '(natural person)' OR stated_on IS NOT NULL OR sentence IS NOT NULL)
UNION ALL
SELECT v.company_id, v.recipient FROM record_vendor AS v
WHERE v.entity = 'individual' AND (v.recipient <> '(natural person)' OR starts_with(v.company_id, 'name:'))
