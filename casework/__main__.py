"""``python -m casework sync FOLDER``: the sync as a process of its own, for the pipeline.

Django serves one installation a process and refuses to work inside an event loop; Dagster's process is neither.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from casework import room
from records.workspace import Workspace


def main(arguments: list[str]) -> int:
    """Run it and print the report as JSON; 2 for arguments that say something else."""
    if len(arguments) != 2 or arguments[0] != "sync":
        sys.stderr.write("usage: python -m casework sync FOLDER\n")
        return 2
    sys.stdout.write(json.dumps(asdict(room.sync(Workspace(Path(arguments[1]))))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
