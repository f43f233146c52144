"""Corporate families (§2.6): dated edges of control, conflicts between them, chains and pictures.

Belongs here: pure functions over edges. Does not belong here: which ids are one company (entities.resolution), tables
and pages (warehouse).
"""
