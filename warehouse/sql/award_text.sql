-- Distinct descriptions of each award, base first, and the row each stands in.
-- key: award_key, text_index
-- shape: AWARD_TEXT
SELECT * FROM lake_award_text
