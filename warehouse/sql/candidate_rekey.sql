-- Candidates that would have another id without resolution: the old id leads to the candidate it is part of today.
-- key: old_candidate_id
-- column old_candidate_id: Candidate id under the old company id
-- column candidate_id: Candidate today
-- column old_company_id: Company id it was under
-- column why: Why that is this company
SELECT k.old_candidate_id, k.candidate_id, k.old_company_id, r.why
FROM input_rekey AS k
INNER JOIN company_rekey AS r ON k.old_company_id = r.old_company_id
