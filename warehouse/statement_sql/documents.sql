-- Every text of the lake that is a text of its own, and which of a record's texts stands.
-- One record (notice, article, Federal Register document, attachment ...) is seen many times. The same words are one
-- document: the first seen that verifies. Of different words the whole text stands before the abstract, then the one
-- seen last; earlier ones stay as history and are not read. A notice's text is read with what its latest version says.
CREATE OR REPLACE TEMP TABLE latest_notice AS
SELECT n.notice_id, n.procurement_key, n.type, n.agency_id, n.awardee, n.posted_at, n.place_state, n.place_city,
    {'source': n.source, 'capture_id': n.capture_id, 'locator': n.locator, 'title': n.title} AS posted
FROM lake_notice AS n
LEFT JOIN captures AS c ON n.capture_id = c.capture_id
QUALIFY row_number() OVER (
    PARTITION BY n.notice_id
    ORDER BY coalesce(c.ok, false) DESC, n.posted_at DESC NULLS LAST, n.amendment DESC NULLS LAST, n.version_sha256
) = 1;

CREATE OR REPLACE TEMP TABLE documents AS
WITH measured AS (
    SELECT * EXCLUDE (text, segments), length(text) AS characters FROM lake_document
),

seen AS (
    SELECT
        document_id, kind, record_key, url, publisher, outlet_id, reliability, title, published_at, access, text_sha256,
        story_id, agency_id, capture_id, locator, filename, file_row_number, characters,
        concat_ws('|', kind, record_key, CASE
            WHEN kind IN ('article', 'report') THEN coalesce(outlet_id, publisher)
            WHEN kind NOT IN ('notice', 'federal_register') THEN concat_ws('|', url, locator)
        END) AS work_key
    FROM measured
    QUALIFY row_number() OVER (PARTITION BY document_id ORDER BY filename, file_row_number) = 1
),

versions AS (
    SELECT s.*, coalesce(c.ok, false) AS sound, coalesce(c.first_seen, 0) AS first_seen,
        max(coalesce(c.last_seen, 0)) OVER (PARTITION BY s.work_key, s.text_sha256) AS last_seen,
        bool_or(coalesce(c.ok, false)) OVER (PARTITION BY s.work_key, s.text_sha256) AS verifies
    FROM seen AS s
    LEFT JOIN captures AS c ON s.capture_id = c.capture_id
    QUALIFY row_number() OVER (
        PARTITION BY s.work_key, s.text_sha256 ORDER BY sound DESC, first_seen, s.document_id
    ) = 1
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY work_key
            ORDER BY verifies DESC, list_position(['full', 'teaser', 'paywall', 'consent'], access), last_seen DESC,
                published_at DESC NULLS LAST, document_id
        ) AS nth
    FROM versions
),

told AS (
    SELECT
        v.*, v.nth = 1 AS current,
        coalesce(v.published_at, n.posted_at)::DATE AS published,
        n.notice_id IS NOT NULL AS of_notice, n.type AS notice_type, n.awardee,
        coalesce(v.agency_id, n.agency_id) AS listed_agency_id, n.place_state, n.place_city, n.posted,
        CASE
            WHEN n.procurement_key IS NOT NULL THEN 'procurement:' || n.procurement_key
            WHEN v.kind = 'federal_register' THEN 'federal_register:' || v.record_key
            ELSE coalesce(v.story_id, v.work_key)
        END AS story_key
    FROM ranked AS v
    LEFT JOIN latest_notice AS n ON v.kind IN ('notice', 'attachment') AND v.record_key = n.notice_id
)

SELECT
    * EXCLUDE (nth, sound, verifies, first_seen, last_seen, published_at, agency_id),
    current AND characters > 0 AND access <> 'consent' AS readable,
    sha256(to_json({
        'kind': kind, 'title': title, 'text': text_sha256, 'published': published, 'publisher': publisher,
        'agency_id': listed_agency_id, 'notice_type': notice_type, 'awardee': awardee
    })::VARCHAR) AS content_sha256
FROM told;
