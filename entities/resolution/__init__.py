"""Which ids are one company: nodes, links with their reasons, clusters held apart where a person says so, the journal.

Belongs here: pure functions over nodes, links and judgements, and the append-only journal of judgements. Does not
belong here: families (entities.families), tables and pages (warehouse).
"""
