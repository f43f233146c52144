-- Evidence weights in bits as in ordinance/weights.yaml on the day of the build.
-- key: bar, key
-- column grouping: service, identity, corroboration or contradiction
-- column bar: Bar of the waterfall it belongs to
-- column key: What the weight is looked up by, or the name of a parameter
-- column value: Bits, or the parameter's value
-- column says: What it means
SELECT grouping, bar, key, value, says FROM input_weight
