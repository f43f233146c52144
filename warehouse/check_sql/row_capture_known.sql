-- Every row must come from a capture of the archive.
SELECT 'award_action' AS "table", a.transaction_key AS key, a.capture_id
FROM award_action AS a ANTI JOIN capture AS c ON a.capture_id = c.capture_id
UNION ALL
SELECT 'subaward', s.subaward_key, s.capture_id FROM subaward AS s ANTI JOIN capture AS c ON s.capture_id = c.capture_id
UNION ALL
SELECT 'notice', n.notice_id, n.capture_id FROM notice AS n ANTI JOIN capture AS c ON n.capture_id = c.capture_id
UNION ALL
SELECT 'document', d.document_id, d.capture_id FROM document AS d ANTI JOIN capture AS c ON d.capture_id = c.capture_id
UNION ALL
SELECT 'lead', l.lead_id, l.capture_id FROM lead AS l ANTI JOIN capture AS c ON l.capture_id = c.capture_id
UNION ALL
SELECT 'facility_listing', f.facility_key, f.capture_id
FROM facility_listing AS f ANTI JOIN capture AS c ON f.capture_id = c.capture_id
UNION ALL
SELECT 'security', s.id_value, s.capture_id FROM security AS s ANTI JOIN capture AS c ON s.capture_id = c.capture_id
