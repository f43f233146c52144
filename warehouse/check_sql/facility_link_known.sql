-- A link must join a listed facility with an award or notice that stands.
SELECT l.facility_key, l.record_kind, l.record_key
FROM facility_link AS l
LEFT JOIN facility AS f ON l.facility_key = f.facility_key
LEFT JOIN award AS a ON l.record_kind = 'award' AND l.record_key = a.award_key
LEFT JOIN (SELECT DISTINCT notice_id FROM notice) AS n ON l.record_kind = 'notice' AND l.record_key = n.notice_id
WHERE f.facility_key IS NULL OR (a.award_key IS NULL AND n.notice_id IS NULL)
