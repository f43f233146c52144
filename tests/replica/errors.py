"""The service's refusals, word for word where they were recorded (usaspending.md §§2, 3, 8)."""

from __future__ import annotations

import json
from typing import Any

HTML_500 = b"""<!doctype html>
<html lang="en">
<head>
  <title>Server Error (500)</title>
</head>
<body>
  <h1>Server Error (500)</h1><p></p>
</body>
</html>
"""

MESSAGE_EARLIEST = (
    "For searches, time period start and end dates are currently limited to an earliest date of 2007-10-01.  For data "
    "going back to 2000-10-01, use either the Custom Award Download feature on the website or one of our download or "
    "bulk_download API endpoints as listed on https://api.usaspending.gov/docs/endpoints. "
)


class ApiError(Exception):
    """A refusal: status, body, content type and further headers."""

    def __init__(self, status: int, body: bytes = b"", media_type: str = "application/json", **headers: str) -> None:
        super().__init__(status, body[:200])
        self.status, self.body, self.media_type = status, body, media_type
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def refuse(status: int, detail: Any) -> ApiError:
    """A JSON refusal ``{"detail": ...}``; the detail may be an object."""
    return ApiError(status, json.dumps({"detail": detail}).encode())


def html_500() -> ApiError:
    """The HTML page that formatter bugs and control characters end in, although the client asked for JSON."""
    return ApiError(500, HTML_500, "text/html")


def empty_503() -> ApiError:
    """Elasticsearch failed: a 503 without a body."""
    return ApiError(503, b"", "text/html")


def missing(key: str) -> ApiError:
    """A required field is not there."""
    return refuse(422, f"Missing value: '{key}' is a required field")


def wrong_type(key: str, value: object, kind: str, status: int = 400) -> ApiError:
    """A value of another type than the field's; the service prints the type's first three letters."""
    return refuse(status, f"Invalid value in '{key}'. '{value}' is not a valid type ({kind}).")


def wrong_enum(key: str, allowed: list[str]) -> ApiError:
    """A value outside the field's list."""
    return refuse(400, f"Field '{key}' is outside valid values {allowed}")


def checked_number(body: dict[str, Any], key: str, default: int, low: int, high: int | None) -> int:
    """An integer within its range, or the service's 400 and 422."""
    value = body.get(key, default)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(key, value, "int")
    if high is not None and value > high:
        raise refuse(422, f"Field '{key}' value '{value}' is above max '{high}'")
    if value < low:
        raise refuse(422, f"Field '{key}' value '{value}' is below min '{low}'")
    return value
