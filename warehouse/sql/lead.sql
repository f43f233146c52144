-- Articles as feeds, news sitemaps and GDELT announced them, whether or not they were fetched. No evidence by itself.
-- key: lead_id
-- shape: LEAD
SELECT * FROM lake_lead QUALIFY row_number() OVER (PARTITION BY lead_id ORDER BY source, capture_id, locator) = 1
