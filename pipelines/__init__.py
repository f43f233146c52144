"""The night: which stage runs after which, when, and what is kept of it. No business logic.

Belongs here: Dagster definitions, the foreground run, its lock, journal and summary, `up`, `doctor`. Does not
belong here: any parsing, reading, composing or checking; the rooms below do that and stages.py calls them.
"""
