"""The trained part of the award reader: n-gram weights beside the rules, and what makes a sum a probability.

Belongs here: features, weights, calibration, training data, training. Does not belong here: rules and vocabulary
(``ordinance``), what a rule's hits amount to (``nlp.evidence``).
"""
