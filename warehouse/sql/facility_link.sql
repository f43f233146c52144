-- Places of detention that awards and notices name, by name and place; a link says that they are named, no more.
-- key: record_kind, record_key, facility_key
-- shape: FACILITY_LINK
SELECT * FROM lake_facility_link
