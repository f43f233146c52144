"""A city's lists (vendors, contracts, bidders, holdings) beside the companies that the evidence names.

Belongs here: reading such a list, comparing it, false alarms that a person dismissed, the log an appeal can cite.
Does not belong here: reading the warehouse (``warehouse.screening`` hands a ``Watch`` in), comparing two names
(matching). The way through is ``intake.read_list``, ``entries.entries``, ``engine.screen``; all are plain dataclasses.
"""
