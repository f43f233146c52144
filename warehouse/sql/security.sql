-- Securities: what OpenFIGI answered last for each identifier of a city's holdings. Several instruments may bear one.
-- order: id_type, id_value, figi, issuer_key, locator
-- shape: SECURITY
SELECT s.*
FROM lake_security AS s
LEFT JOIN captures AS c ON s.capture_id = c.capture_id
QUALIFY dense_rank() OVER (
    PARTITION BY s.id_type, s.id_value
    ORDER BY coalesce(c.ok, false) DESC, c.last_seen DESC NULLS LAST, s.capture_id
) = 1 AND row_number() OVER (
    PARTITION BY s.id_type, s.id_value, s.figi, s.issuer_key, s.capture_id ORDER BY s.locator
) = 1
