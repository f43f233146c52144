"""Whether two names, or two records with identifiers, are one company: a score in bits with its reasons in words.

Belongs here: reading names, comparing them, searching lists of them, fitting and measuring. Does not belong here: a
company's id (entities.ids), what is known of its other names and owners (aliases, families), the city's files
(screening). `Matcher` and `NameIndex` are the ways in.
"""
