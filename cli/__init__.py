"""The command line's verbs, a module a room; `section3c.py` puts them together."""
