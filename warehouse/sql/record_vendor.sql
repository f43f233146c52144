-- Which company each award and subaward was made to, with its entity kind; natural persons are not named here.
-- key: record_kind, record_key
-- shape: RECORD_VENDOR
SELECT
    * REPLACE (
        CASE WHEN entity = 'individual' THEN '(natural person)' ELSE recipient END AS recipient,
        CASE WHEN entity = 'individual' THEN NULL ELSE recipient_dba END AS recipient_dba,
        CASE WHEN entity = 'individual' THEN NULL ELSE parent END AS parent,
        CASE WHEN entity = 'individual' THEN NULL ELSE parent_company_id END AS parent_company_id
    )
FROM lake_record_vendor
