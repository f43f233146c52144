"""News: outlets, feeds, sitemaps, GDELT, article pages; text with the bytes it was read from, one wire story once.

Belongs here: what is peculiar to published articles. Does not belong here: fetching (crawlers/spiders), archiving,
verdicts, or reading what an article says (nlp).
"""
