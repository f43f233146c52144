-- The waterfall of each candidate's score: its bars add up to the score, exactly.
-- key: candidate_id, position
-- column candidate_id: Candidate
-- column position: Order of the bars, from 1
-- column grouping: service, identity, corroboration or contradiction
-- column bar: prior, source, certainty, reading, recency, relation, entity, agency, amount, corroboration, contradiction
-- column label: What the bar says, in words
-- column bits: Evidence in bits (log2 odds); negative speaks against
-- column statement_id: Statement behind the bar, null for bars over all statements
-- column words: The words behind the bar, as the record has them
WITH best AS (
    SELECT b.*, s.record_kind, s.vendor_role, s.certainty, s.entity, s.agency_certain, s.agency_reason, s.relation,
        s.last_action, s.score
    FROM statement_bits AS b
    INNER JOIN statement AS s ON b.statement_id = s.statement_id
    WHERE b.place = 1
),

words AS (
    SELECT statement_id, arg_min(words, position) AS words FROM statement_span GROUP BY statement_id
),

of_candidate AS (
    SELECT DISTINCT b.candidate_id, s.record_kind, s.record_key, s.agency_id, s.obligated, s.terminated
    FROM statement_bits AS b INNER JOIN statement AS s ON b.statement_id = s.statement_id
),

records AS (
    SELECT candidate_id, record_kind, record_key, any_value(obligated) AS obligated, bool_or(terminated) AS terminated
    FROM of_candidate GROUP BY ALL
),

totals AS (
    SELECT
        candidate_id, coalesce(sum(obligated), 0) AS obligated, count(*) AS records,
        count(DISTINCT record_kind) AS kinds,
        count(*) FILTER (WHERE terminated AND coalesce(obligated, 0) <= 0) AS ended_before_work
    FROM records GROUP BY candidate_id
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
        max(value) FILTER (WHERE bar = 'contradiction' AND key = 'floor') AS least_bits
    FROM weight
),

amounts AS (
    SELECT t.candidate_id, arg_max(w.value, w.key::DOUBLE) AS value, arg_max(w.says, w.key::DOUBLE) AS says
    FROM totals AS t INNER JOIN weight AS w ON w.bar = 'amount' AND t.obligated >= w.key::DOUBLE
    GROUP BY t.candidate_id
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
    SELECT b.candidate_id, 3, 'certainty', w.says, b.certainty_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'certainty' AND w.key = b.certainty
    UNION ALL
    SELECT b.candidate_id, 4, 'reading', 'how sure the reader is of its reading: ' || round(b.score * 100)::INT || ' %',
        b.reading_bits, b.statement_id
    FROM best AS b
    UNION ALL
    SELECT b.candidate_id, 5, 'recency', 'last acted on: ' || coalesce(b.last_action::VARCHAR, 'not known'),
        b.recency_bits, b.statement_id
    FROM best AS b
    UNION ALL
    SELECT b.candidate_id, 6, 'relation', w.says, b.relation_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'relation' AND w.key = b.relation
    UNION ALL
    SELECT b.candidate_id, 7, 'entity', w.says, b.entity_bits, b.statement_id
    FROM best AS b INNER JOIN weight AS w ON w.bar = 'entity' AND w.key = b.entity
    UNION ALL
    SELECT b.candidate_id, 8, 'agency', b.agency_reason, b.agency_bits, b.statement_id
    FROM best AS b
    UNION ALL
    SELECT candidate_id, 9, 'amount', says, value, NULL FROM amounts
    UNION ALL
    SELECT
        t.candidate_id, 10, 'corroboration',
        t.records || ' records, ' || a.agencies || ' agencies, ' || t.kinds || ' kinds of evidence',
        least(p.most, p.per_doubling * log2(t.records) + p.per_agency * (a.agencies - 1) + p.per_kind * (t.kinds - 1)),
        NULL
    FROM totals AS t INNER JOIN agencies AS a ON t.candidate_id = a.candidate_id CROSS JOIN p
    UNION ALL
    SELECT
        t.candidate_id, 11, 'contradiction', t.ended_before_work || ' records terminated without money paid',
        greatest(p.least_bits, p.terminated * t.ended_before_work), NULL
    FROM totals AS t CROSS JOIN p
    WHERE t.ended_before_work > 0
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
