-- The waterfall of each candidate's score: its bars add up to the score, exactly.
-- key: candidate_id, position
-- column candidate_id: Candidate
-- column position: Order of the bars, from 1
-- column grouping: service, identity, corroboration or contradiction
-- column bar: prior, source, reliability, certainty, reading, recency, relation, entity, agency, amount and so on
-- column label: What the bar says, in words
-- column bits: Evidence in bits (log2 odds); negative speaks against
-- column statement_id: Statement behind the bar, null for bars over all statements
-- column words: The words behind the bar, as the record has them
WITH best AS (
    SELECT b.*, s.record_kind, s.vendor_role, s.certainty, s.entity, s.agency_certain, s.agency_reason, s.relation,
        s.last_action, s.score, s.reliability, s.company_id, s.category
    FROM statement_bits AS b
    INNER JOIN statement AS s ON b.statement_id = s.statement_id
    WHERE b.place = 1
),

words AS (
    SELECT statement_id, arg_min(words, (rule <> 'sentence', position)) AS words
    FROM statement_span GROUP BY statement_id
),

of_candidate AS (
    SELECT DISTINCT b.candidate_id, s.evidence_kind, s.story_key, s.agency_id, s.obligated, s.terminated
    FROM statement_bits AS b INNER JOIN statement AS s ON b.statement_id = s.statement_id
),

records AS (
    SELECT candidate_id, evidence_kind, story_key, any_value(obligated) AS obligated, bool_or(terminated) AS terminated
    FROM of_candidate GROUP BY ALL
),

totals AS (
    SELECT
        candidate_id, sum(obligated) AS obligated, count(*) AS records,
        count(DISTINCT evidence_kind) AS kinds,
        count(*) FILTER (WHERE terminated AND coalesce(obligated, 0) <= 0) AS ended_before_work
    FROM records GROUP BY candidate_id
),

denials AS (
    SELECT b.candidate_id, count(DISTINCT s.story_key) AS denied
    FROM best AS b
    INNER JOIN statement AS s ON b.company_id = s.company_id AND b.category = s.category AND s.relation = 'denied'
    GROUP BY b.candidate_id
),

agencies AS (
    SELECT candidate_id, count(DISTINCT agency_id) AS agencies FROM of_candidate GROUP BY candidate_id
),

p AS (
    SELECT
        max(value) FILTER (WHERE bar = 'corroboration' AND key = 'per_doubling_of_records') AS per_doubling,
        max(value) FILTER (WHERE bar = 'corroboration' AND key = 'per_further_agency') AS per_agency,
        max(value) FILTER (WHERE bar = 'corroboration' AND key = 'per_further_kind') AS per_kind,
        max(value) FILTER (WHERE bar = 'corroboration' AND key = 'cap') AS most,
        max(value) FILTER (WHERE bar = 'contradiction' AND key = 'terminated') AS terminated,
        max(value) FILTER (WHERE bar = 'contradiction' AND key = 'denied') AS denied,
        max(value) FILTER (WHERE bar = 'contradiction' AND key = 'floor') AS least_bits
    FROM weight
),

steps AS (
    SELECT TRY_CAST(key AS DOUBLE) AS at_least, value, says FROM weight WHERE bar = 'amount' AND key <> 'unknown'
),

amounts AS (
    SELECT t.candidate_id, arg_max(w.value, w.at_least) AS value, arg_max(w.says, w.at_least) AS says
    FROM totals AS t INNER JOIN steps AS w ON t.obligated >= w.at_least
    GROUP BY t.candidate_id
    UNION ALL
    SELECT t.candidate_id, w.value, w.says
    FROM totals AS t INNER JOIN weight AS w ON w.bar = 'amount' AND w.key = 'unknown'
    WHERE t.obligated IS NULL
),

bars AS (
    SELECT b.candidate_id, 1 AS position, w.bar, w.says AS label, w.value AS bits, NULL AS statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'prior'
    UNION ALL
    SELECT b.candidate_id, 2, 'source', w.says, b.source_bits, b.statement_id
    FROM best AS b
    INNER JOIN weight AS w
        ON w.bar = 'source' AND w.key IN (b.record_kind || '/' || b.vendor_role, b.record_kind || '/*')
    QUALIFY row_number() OVER (PARTITION BY b.candidate_id ORDER BY ends_with(w.key, '/*')) = 1
    UNION ALL
    SELECT b.candidate_id, 3, 'reliability', w.says, b.reliability_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'reliability' AND w.key = b.reliability
    UNION ALL
    SELECT b.candidate_id, 4, 'certainty', w.says, b.certainty_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'certainty' AND w.key = b.certainty
    UNION ALL
    SELECT b.candidate_id, 5, 'reading', 'how sure the reader is of its reading: ' || round(b.score * 100)::INT || ' %',
        b.reading_bits, b.statement_id
    FROM best AS b
    UNION ALL
    SELECT b.candidate_id, 6, 'recency',
        CASE WHEN b.record_kind IN ('award', 'subaward') THEN 'last acted on: ' WHEN b.relation = 'ended'
            THEN 'ended or published: ' ELSE 'published: ' END || coalesce(b.last_action::VARCHAR, 'not known'),
        b.recency_bits, b.statement_id
    FROM best AS b
    UNION ALL
    SELECT b.candidate_id, 7, 'relation', w.says, b.relation_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'relation' AND w.key = b.relation
    UNION ALL
    SELECT b.candidate_id, 8, 'entity', w.says, b.entity_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'entity' AND w.key = b.entity
    UNION ALL
    SELECT b.candidate_id, 9, 'agency', b.agency_reason, b.agency_bits, b.statement_id
    FROM best AS b
    UNION ALL
    SELECT candidate_id, 10, 'amount', says, value, NULL FROM amounts
    UNION ALL
    SELECT
        t.candidate_id, 11, 'corroboration',
        t.records || ' records, ' || a.agencies || ' agencies, ' || t.kinds || ' kinds of evidence',
        least(p.most, p.per_doubling * log2(t.records) + p.per_agency * (a.agencies - 1) + p.per_kind * (t.kinds - 1)),
        NULL
    FROM totals AS t INNER JOIN agencies AS a ON t.candidate_id = a.candidate_id CROSS JOIN p
    UNION ALL
    SELECT
        t.candidate_id, 12, 'contradiction',
        concat_ws(
            '; ', CASE WHEN t.ended_before_work > 0
                THEN t.ended_before_work || ' records terminated without money paid' END,
            CASE WHEN d.denied > 0 THEN 'the company denies it in ' || d.denied || ' texts' END
        ),
        greatest(p.least_bits, p.terminated * t.ended_before_work + p.denied * coalesce(d.denied, 0)), NULL
    FROM totals AS t LEFT JOIN denials AS d ON t.candidate_id = d.candidate_id CROSS JOIN p
    WHERE t.ended_before_work > 0 OR d.denied > 0
)

SELECT
    b.candidate_id,
    b.position::INTEGER AS position,
    CASE WHEN b.bar IN ('entity', 'agency') THEN 'identity' WHEN b.bar IN ('corroboration', 'contradiction') THEN b.bar
        ELSE 'service' END AS grouping,
    b.bar, b.label, b.bits::DECIMAL(9, 3) AS bits, b.statement_id,
    CASE WHEN b.bar IN ('source', 'certainty', 'reading') THEN w.words END AS words
FROM bars AS b
LEFT JOIN words AS w ON b.statement_id = w.statement_id
