-- Every edge of control says who states it, in what words and where; one that does not stand says why.
SELECT company_id, parent_company_id FROM company_edge
WHERE source = '' OR reason = '' OR evidence = '' OR (standing <> 'stands' AND why = '')
