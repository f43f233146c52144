"""Jurisdiction files that come with the product; read them with ``ordinance.jurisdiction.load_jurisdiction``."""
