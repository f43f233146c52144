-- Federal immigration agencies (§2.5) as in ordinance/agencies.yaml on the day of the build.
-- key: agency_id
-- column agency_id: Id used by statements
-- column name: Name
-- column abbreviations: Abbreviations, joined by ', '
-- column subtier_codes: USAspending sub-tier codes, joined by ', '
-- column parent_id: Agency it belongs to
-- column reason: Why it is on the list
SELECT agency_id, name, abbreviations, subtier_codes, parent_id, reason FROM input_agency
