-- Places of detention, each row of each published list.
-- order: facility_key, as_of, source, capture_id, locator
-- shape: FACILITY
SELECT * FROM lake_facility
QUALIFY row_number() OVER (PARTITION BY capture_id, locator ORDER BY source) = 1
