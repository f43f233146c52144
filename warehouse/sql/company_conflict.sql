-- What contradicts itself about companies: several owners at the top, circles, judgements against rules.
-- order: company_id, kind, explanation
-- shape: COMPANY_CONFLICT
SELECT * FROM lake_company_conflict
