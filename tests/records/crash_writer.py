"""Run as a script: writes a partition again and again, each time killed before another file-system step.

The steps are Python's own audit events (open, mkdir, rename, remove), so a step added to the writer is crashed at
without a change here. ``os._exit`` runs no ``finally``: it is what kill -9 leaves behind.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from records.lake import write_partition

SCHEMA = pa.schema([pa.field("value", pa.int64())])
WATCHED = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "shutil.rmtree", "fcntl.flock"}
CRASHED = 137


def batch(*values: int) -> pa.RecordBatch:
    return pa.record_batch([pa.array(values, pa.int64())], schema=SCHEMA)


def crash_before(step: int, folder: Path) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that ends the process before the given step that touches the folder."""
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in WATCHED and (event == "fcntl.flock" or str(folder) in str(arguments)):
            seen += 1
            if seen == step:
                os._exit(CRASHED)

    return hook


def main(root: Path) -> None:
    """Fill ROOT/step-N for N = 1, 2, ... until a write runs through; print the number of crashed steps."""
    step = 0
    while True:
        step += 1
        lake = root / f"step-{step}"
        child = os.fork()
        if child == 0:
            write_partition(lake, "award", "usaspending", "b1", SCHEMA, [batch(1, 2, 3)])
            sys.addaudithook(crash_before(step, lake))
            write_partition(lake, "award", "usaspending", "b1", SCHEMA, [batch(10), batch(20)])
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != CRASHED:
            print(step - 1, code)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
