-- Each statement that makes or supports a candidate, with its parts in bits (see weight), the strongest first.
-- key: statement_id
-- column statement_id: Statement
-- column candidate_id: Candidate it supports
-- column source_bits: That such a record says so
-- column reliability_bits: The outlet's reliability; 0 for what agencies publish themselves
-- column certainty_bits: Clear or arguable
-- column reading_bits: The reader's probability
-- column recency_bits: Age of the last action
-- column entity_bits: Doubt about the entity (§2.6)
-- column agency_bits: Doubt about the agency (§2.5)
-- column relation_bits: Provides or ended
-- column bits: Sum of the parts
-- column place: 1 for the candidate's strongest statement that may stand alone, then on
WITH p AS (
    SELECT
        max(value) FILTER (WHERE bar = 'reading' AND key = 'factor') AS reading_factor,
        max(value) FILTER (WHERE bar = 'reading' AND key = 'floor') AS reading_floor,
        max(value) FILTER (WHERE bar = 'reading' AND key = 'cap') AS reading_cap,
        max(value) FILTER (WHERE bar = 'recency' AND key = 'grace_years') AS grace_years,
        max(value) FILTER (WHERE bar = 'recency' AND key = 'half_life_years') AS half_life_years,
        max(value) FILTER (WHERE bar = 'recency' AND key = 'floor') AS recency_floor,
        max(value) FILTER (WHERE bar = 'recency' AND key = 'unknown') AS recency_unknown
    FROM weight
),

parts AS (
    SELECT
        s.statement_id, k.candidate_id, s.last_action, s.alone,
        coalesce(src.value, src_any.value)::DECIMAL(9, 3) AS source_bits,
        CASE WHEN s.reliability IS NULL THEN 0 ELSE tier.value END::DECIMAL(9, 3) AS reliability_bits,
        cer.value::DECIMAL(9, 3) AS certainty_bits,
        CASE
            WHEN s.score <= 0 THEN p.reading_floor
            WHEN s.score >= 1 THEN p.reading_cap
            ELSE least(p.reading_cap, greatest(p.reading_floor, p.reading_factor * log2(s.score / (1 - s.score))))
        END::DECIMAL(9, 3) AS reading_bits,
        CASE
            WHEN s.last_action IS NULL THEN p.recency_unknown
            ELSE greatest(
                p.recency_floor,
                -greatest(0, date_diff('day', s.last_action, m.as_of) / 365.25 - p.grace_years) / p.half_life_years
            )
        END::DECIMAL(9, 3) AS recency_bits,
        ent.value::DECIMAL(9, 3) AS entity_bits,
        age.value::DECIMAL(9, 3) AS agency_bits,
        rel.value::DECIMAL(9, 3) AS relation_bits
    FROM statement AS s
    INNER JOIN input_candidate AS k ON k.company_id = s.company_id AND k.category = s.category
    CROSS JOIN p
    CROSS JOIN meta AS m
    INNER JOIN weight AS rel ON rel.bar = 'relation' AND rel.key = s.relation
    LEFT JOIN weight AS src ON src.bar = 'source' AND src.key = s.record_kind || '/' || s.vendor_role
    LEFT JOIN weight AS src_any ON src_any.bar = 'source' AND src_any.key = s.record_kind || '/*'
    LEFT JOIN weight AS tier ON tier.bar = 'reliability' AND tier.key = s.reliability
    LEFT JOIN weight AS cer ON cer.bar = 'certainty' AND cer.key = s.certainty
    LEFT JOIN weight AS ent ON ent.bar = 'entity' AND ent.key = s.entity
    LEFT JOIN weight AS age
        ON age.bar = 'agency' AND age.key = CASE WHEN s.agency_certain THEN 'certain' ELSE 'doubtful' END
    WHERE s.excluded IS NULL
    QUALIFY bool_or(s.alone) OVER (PARTITION BY k.candidate_id)
)

SELECT
    statement_id, candidate_id,
    source_bits, reliability_bits, certainty_bits, reading_bits, recency_bits, entity_bits, agency_bits, relation_bits,
    (
        source_bits + reliability_bits + certainty_bits + reading_bits + recency_bits + entity_bits + agency_bits
        + relation_bits
    )::DECIMAL(9, 3) AS bits,
    row_number() OVER (
        PARTITION BY candidate_id ORDER BY alone DESC, bits DESC, last_action DESC NULLS LAST, statement_id
    ) AS place
FROM parts
