-- Every award and subaward that stands, with what the reader is given and what a statement needs.
CREATE OR REPLACE TEMP TABLE records AS
WITH told AS (
    SELECT award_key, list(description ORDER BY text_index) AS descriptions
    FROM lake_award_text GROUP BY award_key
),

both_kinds AS (
    SELECT
        'award' AS record_kind, a.award_key AS record_key, a.awarding_subtier_code, a.awarding_subtier,
        a.awarding_office, a.funding_subtier_code, a.funding_subtier, a.funding_office,
        a.recipient, a.recipient_dba, a.recipient_uei, a.recipient_duns, a.parent, a.parent_uei, a.parent_duns,
        a.psc_code, a.psc, a.naics_code, a.naics,
        NULL::VARCHAR AS own_description, coalesce(told.descriptions, []) AS descriptions, a.business_flags,
        a.obligated, a.first_action, a.last_action, a.period_end, a.terminated
    FROM lake_award AS a
    LEFT JOIN told ON a.award_key = told.award_key
    UNION ALL
    SELECT
        'subaward', s.subaward_key, s.awarding_subtier_code, s.awarding_subtier,
        s.awarding_office, s.funding_subtier_code, s.funding_subtier, s.funding_office,
        s.recipient, s.recipient_dba, s.recipient_uei, s.recipient_duns, s.parent, s.parent_uei, s.parent_duns,
        NULL, NULL, s.naics_code, s.naics,
        s.description, list_filter([s.description, nullif(s.prime_description, s.description)], lambda d: trim(d) <> ''),
        coalesce(s.business_flags, []),
        s.amount, s.action_date, s.action_date, prime.period_end, coalesce(prime.terminated, false)
    FROM lake_subaward_current AS s
    LEFT JOIN lake_award AS prime ON s.prime_award_key = prime.award_key
),

given AS (
    SELECT
        b.*,
        concat_ws(' | ', b.awarding_subtier, CASE WHEN b.funding_subtier IS DISTINCT FROM b.awarding_subtier
            THEN b.funding_subtier END) AS agency,
        concat_ws(' | ', b.awarding_office, CASE WHEN b.funding_office IS DISTINCT FROM b.awarding_office
            THEN b.funding_office END) AS office
    FROM both_kinds AS b
)

SELECT
    *,
    sha256(to_json({
        'agency': agency, 'office': office, 'recipient': recipient, 'parent': parent, 'psc_code': psc_code, 'psc': psc,
        'naics_code': naics_code, 'naics': naics, 'descriptions': descriptions, 'business_flags': business_flags
    })::VARCHAR) AS content_sha256
FROM given;
