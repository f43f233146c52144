-- Procurements: the notices that share a solicitation number and department, with what the last one says.
-- key: procurement_key
-- column procurement_key: Department and solicitation number, or the notice itself
-- column notice_id: Last notice
-- column type: Its type
-- column chain: Types of its notices in order, joined by ' > ', repeats left out
-- column notices: Number of notices (amendments have ids of their own)
-- column versions: Number of versions of these notices
-- column title: Title of the last notice
-- column solicitation_id: Solicitation number as posted
-- column agency_id: Listed agency it belongs to, null when none
-- column agency_certain: False where that is in doubt
-- column department: Department as posted
-- column subtier: Sub-tier as posted
-- column office: Office as posted
-- column request_for_information: True where any notice of it asks for information
-- column first_posted: First posting (UTC)
-- column last_posted: Last posting (UTC)
-- column response_due: Response deadline last stated (UTC)
-- column awardee: Awardee last stated
-- column award_number: Award number last stated
-- column award_date: Award date last stated
-- column award_amount: Award amount last stated in US dollars
SELECT
    procurement_key,
    any_value(notice_id) FILTER (WHERE current) AS notice_id,
    any_value(type) FILTER (WHERE current) AS type,
    array_to_string(list_filter(
        list(type ORDER BY amendment NULLS FIRST, posted_at NULLS FIRST, notice_id, version_sha256),
        lambda t, i: i = 1 OR t <> list(type ORDER BY amendment NULLS FIRST, posted_at NULLS FIRST, notice_id,
            version_sha256)[i - 1]
    ), ' > ') AS chain,
    count(DISTINCT notice_id) AS notices,
    count(*) AS versions,
    any_value(title) FILTER (WHERE current) AS title,
    any_value(solicitation_id) FILTER (WHERE current) AS solicitation_id,
    arg_max(agency_id, (coalesce(posted_at, TIMESTAMPTZ '0001-01-01 00:00:00+00'), amendment, notice_id)) AS agency_id,
    arg_max(agency_certain, (coalesce(posted_at, TIMESTAMPTZ '0001-01-01 00:00:00+00'), amendment, notice_id))
        AS agency_certain,
    any_value(department) FILTER (WHERE current) AS department,
    any_value(subtier) FILTER (WHERE current) AS subtier,
    any_value(office) FILTER (WHERE current) AS office,
    bool_or(request_for_information) AS request_for_information,
    min(posted_at) AS first_posted,
    max(posted_at) AS last_posted,
    arg_max(response_due, (amendment, notice_id, version_sha256)) AS response_due,
    arg_max(awardee, (amendment, notice_id, version_sha256)) AS awardee,
    arg_max(award_number, (amendment, notice_id, version_sha256)) AS award_number,
    arg_max(award_date, (amendment, notice_id, version_sha256)) AS award_date,
    arg_max(award_amount, (amendment, notice_id, version_sha256)) AS award_amount
FROM notice
GROUP BY procurement_key
