"""USAspending: official file layouts and search pages to records, date windows and slices, completeness proofs.

Belongs here: all knowledge of USAspending's formats and habits. Does not belong here: HTTP, the archive, the lake.
"""
