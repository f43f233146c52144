-- Companies by identifier: UEI, else DUNS, else name. A natural person is not named.
-- key: company_id
-- column company_id: 'uei:...', 'duns:...', 'name:...', 'unidentified:...' or 'person:...'
-- column name: Latest name filed; '(natural person)' for individuals
-- column uei: UEIs filed with it, joined by ', '
-- column duns: DUNS numbers filed with it, joined by ', '
-- column entity: company, nonprofit, individual or government, as read on most of its records
-- column government: True when any record was read as a government body's
-- column individual: True when any record was read as a natural person's
-- column parent_company_id: Latest ultimate parent filed
-- column parent: Latest ultimate parent's name filed
-- column names: Number of names seen (company_name)
-- column parents: Number of different parents seen (company_parent); more than one is a conflict to look at
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
)

SELECT
    company_id,
    coalesce(arg_max(name, (coalesce(last_action, DATE '0001-01-01'), record_key)), '(not named)') AS name,
    nullif(array_to_string(list_sort(list(DISTINCT recipient_uei)), ', '), '') AS uei,
    nullif(array_to_string(list_sort(list(DISTINCT recipient_duns)), ', '), '') AS duns,
    mode(entity ORDER BY entity) AS entity,
    bool_or(entity = 'government') AS government,
    bool_or(entity = 'individual') AS individual,
    arg_max(parent_company_id, (coalesce(last_action, DATE '0001-01-01'), record_key)) AS parent_company_id,
    arg_max(parent, (coalesce(last_action, DATE '0001-01-01'), record_key))
        FILTER (WHERE parent_company_id IS NOT NULL) AS parent,
    count(DISTINCT name) AS names,
    count(DISTINCT parent_company_id) AS parents,
    count(*) FILTER (WHERE record_kind = 'award') AS awards,
    count(*) FILTER (WHERE record_kind = 'subaward') AS subawards,
    coalesce(sum(obligated), 0)::DECIMAL(18, 2) AS obligated,
    min(first_action) AS first_seen,
    max(last_action) AS last_seen
FROM seen
GROUP BY company_id
