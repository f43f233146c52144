"""The reader: what a record or text says about services, by which words (spaCy). Arrow batches in, Arrow batches out.

Belongs here: matchers, classifiers, entity kind, evaluation, training. Does not belong here: the vocabulary
itself (ordinance/*.yaml), files and databases.
"""
