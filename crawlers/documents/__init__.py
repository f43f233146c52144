"""Text of attachments and city documents (PDF, DOCX, XLSX, HTML, text), every run of it with its place in the file.

Belongs here: telling formats apart, reading them in a child process with limits, verdicts on what cannot be read.
Does not belong here: fetching, what a text says, OCR. Files are hostile: see docs/documents.md for what the child
process prevents.
"""

from crawlers.documents.extract import extract
from crawlers.documents.pool import DocumentPool
from crawlers.documents.types import DocumentLimits, Extracted, Note, Segment, Verdict

__all__ = ["DocumentLimits", "DocumentPool", "Extracted", "Note", "Segment", "Verdict", "extract"]
