"""Casework: the ordinance's own procedure, from candidate to determination, notice, appeal, register and report.

Every human fact is an event in an append-only ledger; what pages show is derived from it. Services are plain functions
that check permissions themselves, so that pages (web) and the API stay thin. See docs/casework.md.
"""
