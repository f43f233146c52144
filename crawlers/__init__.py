"""Scrapy: sources as YAML, thin spiders, the evidence archive (WARC), capture verdicts, replay, parsers to records.

Belongs here: everything between an upstream service and a lake partition. Does not belong here: what a
record means (nlp), who a company is (entities).
"""
