"""``python -m tests.replica usaspending --awards DIR --port N``: serve a stand-in by hand; others by their name."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from tests.replica.downloads import Timing
from tests.replica.ingest import load
from tests.replica.server import Server
from tests.replica.service import Service, Settings
from tests.replica.tidy import DataError
from tests.replica.traps import TRAPS, Traps, chosen

#: Services with a command line of their own: ``main(argv) -> int``.
OTHERS = {"sam": "tests.replica.sam", "federal_register": "tests.replica.federal_register",
          "news": "tests.replica.news", "facilities": "tests.replica.facilities",
          "sec": "tests.replica.sec", "gleif": "tests.replica.gleif", "openfigi": "tests.replica.openfigi"}


def _arguments() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:12} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.replica",
        description="Stand-ins for the upstream services on the loopback. This one serves real award rows; others: "
        + ", ".join(f"{name} --help" for name in OTHERS),
        epilog=f"traps (all on unless --traps says otherwise):\n{listed}\n\ncontrols: GET /replica/log, rows, traps; "
        "POST /replica/today, delete, correct, reset",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", choices=["usaspending"])
    parser.add_argument("--awards", type=Path, required=True, help="folder of award CSVs of any known layout")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one and prints it")
    parser.add_argument("--today", type=date.fromisoformat, help="the service's day; default today")
    parser.add_argument("--traps", default="all", help="all, none or a comma list")
    parser.add_argument("--seed", type=int, default=0, help="seed of the traps' draws")
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds before each answer")
    parser.add_argument("--job-seconds", type=float, default=0.5, help="seconds a download job takes")
    parser.add_argument("--job-limit", type=float, default=20.0, help="seconds until a stuck job fails (upstream: 6 h)")
    parser.add_argument("--rows-per-file", type=int, default=1_000_000, help="rows in one CSV of a zip")
    parser.add_argument("--burst", type=int, default=60, help="requests a second before connections are dropped")
    parser.add_argument("--funding", choices=["blank", "same"], default="blank",
                        help="funding agency of rows that name none: blank, or the same as awarding")  # fmt: skip
    parser.add_argument("--state-file", type=Path, help="keeps today, deletions and corrections over restarts")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted. Returns 2 for bad arguments or data."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in OTHERS:
        return int(importlib.import_module(OTHERS[argv[0]]).main(argv[1:]))
    given = _arguments().parse_args(argv)
    try:
        names = chosen(given.traps)
        loaded = load(given.awards, funding=given.funding)
    except (ValueError, DataError) as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    settings = Settings(
        today=given.today or datetime.now(UTC).date(),
        latency=given.latency / 1000,
        rows_per_file=given.rows_per_file,
        timing=Timing(given.job_seconds, given.job_limit),
    )
    with tempfile.TemporaryDirectory(prefix="replica-") as folder:
        service = Service(loaded, settings, Traps(names, given.seed, given.burst), Path(folder), given.state_file)
        with Server(service, given.port) as server:
            print(
                f"usaspending replica on {server.base}: {loaded.files} files, {loaded.rows_read} rows read, "
                f"{service.store.count()} distinct transactions visible on {service.store.today} of "
                f"{len(service.store.rows)}, {len(loaded.subawards)} subawards; "
                f"traps: {', '.join(sorted(names)) or 'none'}",
                flush=True,
            )
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print("replica: stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
