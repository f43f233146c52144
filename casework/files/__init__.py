"""Files people hand in and letters the city sends: checked, cleaned, kept by their hash outside the web root."""

from casework.files.admission import Checked, FileRefused, check
from casework.files.store import keep, read

__all__ = ["Checked", "FileRefused", "check", "keep", "read"]
