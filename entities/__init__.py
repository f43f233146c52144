"""Who is who: name normalisation, company ids, later matching, aliases and families.

Belongs here: functions on names and identifiers. Does not belong here: evidence and scores of candidates.
"""
