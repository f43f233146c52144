"""Runs one of Dagster's processes and ends it when whoever started it is gone.

A child of `section3c up` holds the reading end of a pipe on its standard input. When `up` dies, however it dies, the
pipe closes and the child ends itself; without this a killed `up` would leave a daemon that starts nights unseen.
Usage: python -m pipelines.guarded MODULE ARGUMENTS...
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module named first as if by ``python -m``."""
    threading.Thread(target=_watch, daemon=True, name="parent-watch").start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
