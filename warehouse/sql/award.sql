-- Federal awards: what their actions add up to, with the latest filed values.
-- key: award_key
-- shape: AWARD
SELECT * FROM lake_award
