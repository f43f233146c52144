"""Lake to DuckDB: compose awards, build one version, check it, publish by pointer, read it hardened.

Belongs here: SQL, checks, publication, the data dictionary, evidence verification, read-only access.
Does not belong here: crawling, reading of words.
"""
