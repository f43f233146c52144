-- Companies: those with records or statements, those listed by the ordinance, and their families. Ids that are one
-- company are joined (company_rekey says which and why). A natural person is not named.
-- key: company_id
-- column company_id: 'uei:...', 'duns:...', 'listed:...' (ordinance/families.yaml), 'cik:...', 'lei:...', 'name:...', 'sub:...' (known by name within its parent only), 'unidentified:...' or 'person:...'
-- column name: Latest name filed, else the name listed; '(natural person)' for individuals
-- column uei: UEIs filed with it, joined by ', '
-- column duns: DUNS numbers filed with it, joined by ', '
-- column entity: company, nonprofit, individual or government, as read on most of its records
-- column government: True when any record was read as a government body's
-- column individual: True when any record was read as a natural person's
-- column parent_company_id: Its owner today by the firmest source (company_edge); company_conflict tells of others
-- column parent: That owner's name
-- column names: Number of names seen (company_name)
-- column parents: Number of different parents filed (company_parent); which of them stand is said there
-- column awards: Number of awards
-- column subawards: Number of subawards
-- column obligated: Sum of its awards' obligations in US dollars
-- column first_seen: First action date
-- column last_seen: Last action date
WITH seen AS (
    SELECT
        v.company_id, v.record_kind, v.recipient AS name, v.recipient_uei, v.recipient_duns, v.entity,
        v.parent_company_id, v.parent, v.first_action, v.last_action, v.record_key, a.obligated
    FROM record_vendor AS v
    LEFT JOIN award AS a ON v.record_kind = 'award' AND v.record_key = a.award_key
    UNION ALL BY NAME
    SELECT DISTINCT company_id, 'maker' AS record_kind, vendor AS name, entity, record_key
    FROM statement WHERE vendor_role = 'maker' OR company_how = 'new'
    UNION ALL BY NAME
    SELECT
        m.company_id, 'known' AS record_kind, m.name, CASE WHEN m.government THEN 'government' ELSE 'company' END AS entity,
        '~' AS record_key
    FROM lake_company_member AS m
    WHERE
        m.member_id = m.company_id
        AND (
            m.origin = 'list'
            OR m.company_id IN (SELECT company_id FROM lake_statement)
            OR m.company_id IN (SELECT company_id FROM lake_company_control)
            OR m.company_id IN (SELECT parent_company_id FROM lake_company_control)
        )
),

owner AS (
    SELECT
        company_id,
        arg_max(parent_company_id, (firm, coalesce(last_seen, valid_from, DATE '0001-01-01'), parent_company_id)) AS parent_company_id
    FROM (
        SELECT *, CASE source WHEN 'ordinance' THEN 3 WHEN 'award' THEN 1 ELSE 2 END AS firm
        FROM lake_company_control
        WHERE standing = 'stands' AND valid_to IS NULL AND control NOT IN ('affiliate', 'spun_off')
    )
    GROUP BY company_id
),

told AS (

SELECT
    company_id,
    coalesce(arg_max(name, (coalesce(last_action, DATE '0001-01-01'), record_key)), '(not named)') AS name,
    nullif(array_to_string(list_sort(list(DISTINCT recipient_uei)), ', '), '') AS uei,
    nullif(array_to_string(list_sort(list(DISTINCT recipient_duns)), ', '), '') AS duns,
    coalesce(
        mode(entity ORDER BY entity) FILTER (WHERE record_kind <> 'known'), mode(entity ORDER BY entity), 'company'
    ) AS entity,
    bool_or(entity = 'government') AS government,
    bool_or(entity = 'individual') AS individual,
    count(DISTINCT name) FILTER (WHERE record_kind <> 'known') AS names,
    count(DISTINCT parent_company_id) AS parents,
    count(*) FILTER (WHERE record_kind = 'award') AS awards,
    count(*) FILTER (WHERE record_kind = 'subaward') AS subawards,
    coalesce(sum(obligated), 0)::DECIMAL(18, 2) AS obligated,
    min(first_action) AS first_seen,
    max(last_action) AS last_seen
FROM seen
GROUP BY company_id
)

SELECT
    t.company_id, t.name, t.uei, t.duns, t.entity, t.government, t.individual,
    CASE WHEN t.individual THEN NULL ELSE o.parent_company_id END AS parent_company_id,
    CASE WHEN t.individual THEN NULL ELSE p.name END AS parent,
    t.names, t.parents, t.awards, t.subawards, t.obligated, t.first_seen, t.last_seen
FROM told AS t
LEFT JOIN owner AS o ON t.company_id = o.company_id
LEFT JOIN lake_company_member AS p ON o.parent_company_id = p.member_id
