-- An award's obligations must be the sum of its actions, up and down apart.
SELECT a.award_key, a.obligated, s.obligated AS of_actions
FROM award AS a
FULL JOIN (
    SELECT award_key, count(*) AS actions, coalesce(sum(obligation), 0) AS obligated FROM award_action GROUP BY award_key
) AS s ON a.award_key = s.award_key
WHERE a.award_key IS NULL OR s.award_key IS NULL OR a.obligated <> s.obligated OR a.actions <> s.actions
    OR a.obligated <> a.obligated_up + a.deobligated
