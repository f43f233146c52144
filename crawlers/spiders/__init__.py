"""Spiders, one module a source: which addresses to ask, in which order, until what proof of completeness.

Belongs here: navigation only. Does not belong here: archiving, verdicts, retries, robots, pacing (middlewares),
or what the bytes mean (parsers).
"""
