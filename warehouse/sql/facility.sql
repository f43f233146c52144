-- Places of detention: what the newest list that says it says of each. Lists with operators come under FOIA, years apart.
-- key: facility_key
-- column facility_key: Normalised name and state
-- column name: Name as last published
-- column operator: Operator last published
-- column owner: Owner last published
-- column operators: Every operator published, joined by '; '
-- column agreement: Agreement type last published (IGSA, CDF, SPC, USMS IGA, DIGSA ...)
-- column address: Street address
-- column city: City
-- column state: State code
-- column zip: ZIP code
-- column field_office: ICE area of responsibility
-- column average_daily_population: Average daily population last published
-- column guaranteed_minimum: Beds paid for whether used or not, last published
-- column first_listed: Date of the first list with it
-- column last_listed: Date of the last list with it
-- column listings: Rows of lists with it
-- column awards: Awards whose words name it (facility_link)
-- column notices: Notices whose words name it
WITH ranked AS (
    SELECT *, (coalesce(as_of, DATE '0001-01-01'), capture_id, locator) AS rank FROM facility_listing
),

linked AS (
    SELECT
        facility_key,
        count(DISTINCT record_key) FILTER (WHERE record_kind = 'award') AS awards,
        count(DISTINCT record_key) FILTER (WHERE record_kind = 'notice') AS notices
    FROM facility_link GROUP BY facility_key
)

SELECT
    f.facility_key,
    arg_max(f.name, f.rank) AS name,
    arg_max(f.operator, f.rank) AS operator,
    arg_max(f.owner, f.rank) AS owner,
    nullif(array_to_string(list_sort(list(DISTINCT f.operator)), '; '), '') AS operators,
    arg_max(f.agreement, f.rank) AS agreement,
    arg_max(f.address, f.rank) AS address,
    arg_max(f.city, f.rank) AS city,
    arg_max(f.state, f.rank) AS state,
    arg_max(f.zip, f.rank) AS zip,
    arg_max(f.field_office, f.rank) AS field_office,
    arg_max(f.average_daily_population, f.rank) AS average_daily_population,
    arg_max(f.guaranteed_minimum, f.rank) AS guaranteed_minimum,
    min(f.as_of) AS first_listed,
    max(f.as_of) AS last_listed,
    count(*) AS listings,
    coalesce(any_value(l.awards), 0)::BIGINT AS awards,
    coalesce(any_value(l.notices), 0)::BIGINT AS notices
FROM ranked AS f
LEFT JOIN linked AS l ON f.facility_key = l.facility_key
GROUP BY f.facility_key
