-- Candidates: a company and a category, with the evidence added up. It orders the queue; it decides nothing.
-- key: candidate_id
-- column candidate_id: Stable id of company and category
-- column company_id: Company
-- column company: Its latest name
-- column parent_company_id: Latest ultimate parent filed
-- column parent: That parent's name
-- column category: data_broker, extreme_vetting or detention
-- column score: Sum of its candidate_weight bars, in bits (log2 odds)
-- column band: Word for the score: doubtful, likely or strong (ordinance/weights.yaml)
-- column service: Bits about the service itself
-- column identity: Bits about who the vendor and the agency are
-- column corroboration: Bits for further records, agencies and kinds of evidence
-- column contradiction: Bits against
-- column certainty: clear when any statement is clear, else arguable
-- column relation: provides when any statement says so, else ended
-- column kinds: Kinds of the service found, joined by ', '
-- column products: Products found, joined by ', '
-- column facilities: Facilities named, joined by ', '
-- column agencies: Agencies supplied, joined by ', '
-- column via: Resellers through whom it supplies (company ids), joined by ', '
-- column statements: Number of statements
-- column evidence: Kinds of evidence behind it (ordinance/evidence.yaml), joined by ', '; a jurisdiction admits some
-- column records: Number of awards, subawards and stories of texts (copies of one story count once; story_key)
-- column denials: Stories in which the company denies it
-- column obligated: Sum of its awards' and subawards' obligations in US dollars, each once; null where there are none
-- column first_action: First action date
-- column last_action: Last action date
-- column best_statement_id: Strongest statement
-- column words: The words of that statement
WITH sums AS (
    SELECT
        candidate_id,
        sum(bits)::DECIMAL(9, 3) AS score,
        coalesce(sum(bits) FILTER (WHERE grouping = 'service'), 0)::DECIMAL(9, 3) AS service,
        coalesce(sum(bits) FILTER (WHERE grouping = 'identity'), 0)::DECIMAL(9, 3) AS identity,
        coalesce(sum(bits) FILTER (WHERE grouping = 'corroboration'), 0)::DECIMAL(9, 3) AS corroboration,
        coalesce(sum(bits) FILTER (WHERE grouping = 'contradiction'), 0)::DECIMAL(9, 3) AS contradiction,
        arg_min(words, position) AS words
    FROM candidate_weight
    GROUP BY candidate_id
),

told AS (
    SELECT
        b.candidate_id,
        any_value(s.company_id) AS company_id,
        any_value(s.category) AS category,
        CASE WHEN bool_or(s.certainty = 'clear') THEN 'clear' ELSE 'arguable' END AS certainty,
        CASE WHEN bool_or(s.relation = 'provides') THEN 'provides' ELSE 'ended' END AS relation,
        array_to_string(list_sort(list(DISTINCT nullif(s.kind, ''))), ', ') AS kinds,
        array_to_string(list_sort(list(DISTINCT s.product)), ', ') AS products,
        array_to_string(list_sort(list(DISTINCT s.facility)), ', ') AS facilities,
        array_to_string(list_sort(list(DISTINCT s.agency_id)), ', ') AS agencies,
        array_to_string(list_sort(list(DISTINCT s.via_company_id)), ', ') AS via,
        array_to_string(list_sort(list(DISTINCT s.evidence_kind)), ', ') AS evidence,
        count(*) AS statements,
        min(s.first_action) AS first_action,
        max(s.last_action) AS last_action,
        arg_min(s.statement_id, b.place) AS best_statement_id
    FROM statement_bits AS b
    INNER JOIN statement AS s ON b.statement_id = s.statement_id
    GROUP BY b.candidate_id
),

money AS (
    SELECT candidate_id, count(*) AS records, sum(obligated)::DECIMAL(18, 2) AS obligated
    FROM (
        SELECT b.candidate_id, s.evidence_kind, s.story_key, any_value(s.obligated) AS obligated
        FROM statement_bits AS b INNER JOIN statement AS s ON b.statement_id = s.statement_id
        GROUP BY ALL
    )
    GROUP BY candidate_id
),

denials AS (
    SELECT company_id, category, count(DISTINCT story_key) AS denied
    FROM statement WHERE relation = 'denied' GROUP BY ALL
)

SELECT
    t.candidate_id, t.company_id, c.name AS company, c.parent_company_id, c.parent, t.category,
    s.score,
    (SELECT arg_max(w.key, w.value) FROM input_band AS w WHERE s.score >= w.value) AS band,
    s.service, s.identity, s.corroboration, s.contradiction, t.certainty, t.relation,
    t.kinds, t.products, t.facilities, t.agencies, t.via, t.evidence, t.statements, m.records,
    coalesce(d.denied, 0) AS denials, m.obligated,
    t.first_action, t.last_action, t.best_statement_id, s.words
FROM told AS t
INNER JOIN sums AS s ON t.candidate_id = s.candidate_id
INNER JOIN money AS m ON t.candidate_id = m.candidate_id
LEFT JOIN denials AS d ON t.company_id = d.company_id AND t.category = d.category
LEFT JOIN company AS c ON t.company_id = c.company_id
