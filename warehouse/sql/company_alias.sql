-- Every name of a company with its kind, days and source: filed, former, trade, press and product names, tickers.
-- order: company_id, name_key, kind, source, valid_from, valid_to, name
-- shape: COMPANY_KNOWN_NAME
SELECT * FROM lake_company_known_name
