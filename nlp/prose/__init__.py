"""Reading texts: who supplies which service to which immigration agency, by which words (docs/texts.md).

Belongs here: the components that find agencies, vendors, products, facilities, services, amounts and dates, and what
relates them. Does not belong here: the vocabulary (``ordinance/prose*.yaml``), batches (``nlp.documents``).
"""
