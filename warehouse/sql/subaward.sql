-- Subawards as reported by prime recipients, newest version of each report.
-- key: subaward_key
-- shape: SUBAWARD
SELECT * FROM lake_subaward_current
