"""The USAspending replica as a whole: which address answers what, and the tester's own controls under /replica/."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.replica.details import Details
from tests.replica.downloads import Downloads, Timing
from tests.replica.errors import ApiError, refuse
from tests.replica.ingest import Loaded
from tests.replica.monthly import Monthly
from tests.replica.search import Search
from tests.replica.store import Store
from tests.replica.traps import Traps

_STATUS = re.compile(r"(bulk_)?download/status/?")
_FILE = re.compile(r"/(generated_downloads|award_data_archive)/([^/]+)")
_V2 = "/api/v2/"


@dataclass
class Settings:
    """How the replica behaves beside its traps."""

    today: date
    latency: float = 0.0
    rows_per_file: int = 1_000_000
    timing: Timing = field(default_factory=Timing)


class Service:
    """Answers requests without knowing of sockets; `server` brings it to the network."""

    def __init__(
        self, loaded: Loaded, settings: Settings, traps: Traps, folder: Path, state_file: Path | None = None
    ) -> None:
        self.settings, self.traps = settings, traps
        self.store = Store(loaded, settings.today, state_file)
        self.search = Search(self.store, traps)
        self.details = Details(self.store, traps)
        per_file = settings.rows_per_file
        self.downloads = Downloads(
            self.store, traps, folder / "generated_downloads", settings.timing, rows_per_file=per_file
        )
        self.monthly = Monthly(self.store, traps, folder / "award_data_archive", rows_per_file=per_file)
        self.log: list[dict[str, Any]] = []
        self._log_lock = threading.Lock()
        self._posts: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
            "search/spending_by_transaction/": lambda body, _: self.search.transactions(body),
            "search/spending_by_transaction_count/": lambda body, _: self.search.count(body),
            "search/spending_by_award/": lambda body, _: self.search.awards(body),
            "transactions/": lambda body, _: self.details.transactions(body),
            "subawards/": lambda body, _: self.details.subawards(body),
            "bulk_download/awards/": self.downloads.accept,
            "bulk_download/list_agencies/": lambda body, _: self.monthly.agencies(body),
            "bulk_download/list_monthly_files/": self.monthly.files,
        }

    def note(self, entry: dict[str, Any]) -> None:
        """Remember a request for GET /replica/log."""
        with self._log_lock:
            self.log.append({"n": len(self.log), **entry})

    def answer(self, method: str, path: str, query: str, body: bytes, media_type: str, base: str) -> dict[str, Any]:
        """The JSON answer to an API request. Raises ApiError."""
        if path.startswith("/api/v1/"):
            raise refuse(410, "This endpoint has been removed. Please use v2 of the API.")
        if not path.startswith(_V2):
            raise refuse(404, "Not found.")
        name = path.removeprefix(_V2)
        if _STATUS.fullmatch(name):
            self._only("GET", method)
            asked = parse_qs(query).get("file_name", [""])[0]
            return self.downloads.status(asked, base)
        if not path.endswith("/"):
            raise self._with_slash(path, query)
        if name in self._posts:
            self._only("POST", method)
            return self._posts[name](_json(body, media_type), base)
        return self._get(name, method)

    def _get(self, name: str, method: str) -> dict[str, Any]:
        if name == "awards/last_updated/":
            self._only("GET", method)
            return self.details.last_updated()
        if name == "references/toptier_agencies/":
            self._only("GET", method)
            return self.details.toptier_agencies()
        if re.fullmatch(r"awards/[^/]+/", name):
            self._only("GET", method)
            return self.details.award(unquote(name.split("/")[1]))
        raise refuse(404, "Not found.")

    def _with_slash(self, path: str, query: str) -> ApiError:
        """Django's redirect: a client that follows it turns its POST into a GET and meets a 405."""
        known = path + "/"
        if known.removeprefix(_V2) in self._posts or known.startswith((_V2 + "awards/", _V2 + "references/")):
            return ApiError(301, b"", "text/html", Location=known + (f"?{query}" if query else ""))
        return refuse(404, "Not found.")

    @staticmethod
    def _only(allowed: str, method: str) -> None:
        if method != allowed:
            raise refuse(405, f'Method "{method}" not allowed.')

    def file(self, path: str) -> Path | None:
        """The file behind a download address, else None."""
        found = _FILE.fullmatch(unquote(path))
        if not found or found[2].startswith("."):
            return None
        return self.downloads.file(found[2]) if found[1] == "generated_downloads" else self.monthly.file(found[2])

    def same_file(self, path: str) -> str:
        """What a download address stands for: a job's name holds its time, its request does not."""
        job = self.downloads.jobs.get(path.rpartition("/")[2])
        return json.dumps(job.request, sort_keys=True) if job else path

    def control(self, method: str, path: str, body: bytes) -> Any:
        """The tester's controls: log, rows, today, delete, correct, traps, reset. Raises ApiError."""
        asked = json.loads(body or b"{}")
        name = path.removeprefix("/replica/").rstrip("/")
        if name == "log":
            return self.log
        if name == "rows":
            return {"count": self.store.count(), "all": len(self.store.rows), "subawards": len(self.store.subawards),
                    "today": self.store.today.isoformat()}  # fmt: skip
        if name == "traps":
            return {"on": sorted(self.traps.names), "sprung": dict(self.traps.sprung)}
        if method != "POST":
            raise refuse(404, "The controls are GET log, rows, traps and POST today, delete, correct, reset.")
        try:
            if name == "today":
                self.store.move_today(date.fromisoformat(asked["today"]))
            elif name == "delete":
                self.store.delete(asked["transaction_key"])
            elif name == "correct":
                self.store.correct(asked["transaction_key"], asked["values"])
            elif name == "reset":
                self.store.reset()
                self.traps.reset()
                self.downloads.reset()
                self.log.clear()
            else:
                raise refuse(404, f"There is no control '{name}'.")
        except (KeyError, ValueError) as error:
            raise refuse(400, f"{name}: {type(error).__name__} {error}") from error
        return {"today": self.store.today.isoformat(), "count": self.store.count()}


def _json(body: bytes, media_type: str) -> dict[str, Any]:
    """The request's JSON object; a form-encoded body is ignored, as upstream does."""
    if media_type.partition(";")[0].strip().lower() != "application/json":
        return {}
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise refuse(400, f"JSON parse error - {error}") from error
    if not isinstance(parsed, dict):
        raise refuse(400, "Request body is not a JSON object")
    return parsed
