-- Why ids are one company: every link that joins two of them, and those that a person's judgement holds apart.
-- order: a, b, rule, reason, outcome
-- shape: COMPANY_LINK
SELECT * FROM lake_company_link
