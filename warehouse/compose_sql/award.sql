-- One row an award. The list of latest non-null columns (shapes.LATEST) is put in by compose.py.
SELECT
    award_key,
    {latest},
    min(period_start) FILTER (WHERE counts) AS period_start,
    coalesce(list_sort(list_distinct(flatten(list(business_flags)))), []) AS business_flags,
    count(*) FILTER (WHERE counts) AS actions,
    coalesce(sum(obligation) FILTER (WHERE counts), 0)::DECIMAL(18, 2) AS obligated,
    coalesce(sum(obligation) FILTER (WHERE counts AND obligation > 0), 0)::DECIMAL(18, 2) AS obligated_up,
    coalesce(sum(obligation) FILTER (WHERE counts AND obligation < 0), 0)::DECIMAL(18, 2) AS deobligated,
    min(action_date) FILTER (WHERE counts) AS first_action,
    max(action_date) FILTER (WHERE counts) AS last_action,
    coalesce(
        max(rank) FILTER (WHERE counts AND ends) > coalesce(max(rank) FILTER (WHERE counts AND obligation > 0), 0),
        false
    ) AS terminated,
    CASE WHEN terminated THEN max(action_date) FILTER (WHERE counts AND ends) END AS terminated_on,
    bool_and(is_summary) FILTER (WHERE counts) AS from_summary
FROM (
    SELECT *, award_kind <> 'assistance' AND action_type_code IN ('E', 'F', 'X', 'N') AS ends FROM witness
)
GROUP BY award_key
ORDER BY award_key
