-- Texts: of notices and their attachments, articles, reports, the Federal Register, filings and city documents. Each
-- distinct text of a work once, the first seen that verifies; where its words stand in the captured bytes is in the
-- lake (segments) and with each statement (statement_span).
-- key: document_id
-- shape: DOCUMENT
-- column work_key: Whose text it is: kind and record (of articles the outlet too, of attachments the file)
-- column current: True for the text of the work that stands; earlier ones are history
-- column story_key: What counts as one: notices of one procurement, copies of one wire story, texts of one document
-- column listed_agency_id: Listed agency whose notice or publication it is
-- column read: False where the reader's gate found no agency or service in it; null where it was not read (history)
-- column findings: Statements the reader found in it; null where it was not read
SELECT
    d.* EXCLUDE (segments, filename, file_row_number),
    s.work_key, s.current, s.story_key, s.listed_agency_id, s.read, s.findings
FROM lake_document AS d
INNER JOIN (
    SELECT document_id, min((filename, file_row_number)) AS place FROM lake_document GROUP BY document_id
) AS p ON d.document_id = p.document_id AND d.filename = p.place[1] AND d.file_row_number = p.place[2]
INNER JOIN lake_document_standing AS s ON d.document_id = s.document_id
