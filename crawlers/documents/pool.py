"""Reading processes kept warm, each locked down, watched by the clock, and replaced after some files.

Belongs here: starting, asking, ending children. Does not belong here: what happens in one (``child``, ``sandbox``).
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from crawlers.documents.types import DocumentLimits, Extracted, from_json, refusal

_START_SECONDS: Final = 60.0
_ROOT: Final = Path(__file__).resolve().parents[2]
_HARD_MEMORY: Final = 4 << 30
_BYTES_A_CHARACTER: Final = 40  # an answer's JSON: escapes, and segments for every few characters


class PoolError(Exception):
    """The reading process cannot be started or was closed; the message says what to do."""


class _Gone(Exception):
    """The child ended, or did not answer in time, or answered nonsense."""


class DocumentPool:
    """Up to ``size`` reading processes; thread-safe. Use as a block, or ``close`` it."""

    def __init__(self, size: int = 1, *, files_per_child: int = 200) -> None:
        self._files = files_per_child
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._size = size
        self._closed = False
        for _ in range(size):
            self._idle.put(None)

    def __enter__(self) -> Self:
        """The pool itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the children."""
        self.close()

    def close(self) -> None:
        """End the children; documents being read are finished first."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._size):
            child = self._idle.get()
            if child is not None:
                child.end()

    def protections(self) -> tuple[str, ...]:
        """What the operating system enforces in a child: rlimits, landlock, seccomp. Raises PoolError."""
        child = self._take()
        self._idle.put(child)
        return child.held

    def read(self, file: BinaryIO, media_type: str | None, filename: str | None, limits: DocumentLimits) -> Extracted:
        """Read an open file (from its beginning) in a child. Raises PoolError when no child can be started."""
        child: _Child | None = self._take()
        try:
            if child is None:  # for the type checker: _take gives a child or raises
                raise PoolError("no reading process")
            found = child.ask(file, media_type, filename, limits)
            if child.files >= self._files:
                child.end()
                child = None
            return found
        except _Gone as gone:
            why = child.post_mortem(str(gone), limits) if child else str(gone)
            child = None
            return why if isinstance(why, Extracted) else refusal("corrupt", why, "unread")
        except BaseException:  # interrupted in the middle of a message: this child cannot be asked again
            if child is not None:
                child.kill()
                child = None
            raise
        finally:
            self._idle.put(child)

    def _take(self) -> _Child:
        if self._closed:
            raise PoolError("this pool of reading processes was closed; make another")
        child = self._idle.get()
        if child is not None and child.alive:
            return child
        try:
            return _Child()
        except BaseException:
            self._idle.put(None)
            raise


class _Child:
    """One reading process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._channel = ours
        # Nothing of this process's environment goes along: it may hold keys.
        environment = {"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "crawlers.documents.child", str(theirs.fileno()), str(_HARD_MEMORY)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                env=environment, pass_fds=(theirs.fileno(),), start_new_session=True)
        self.files = 0
        try:
            ready = self._answer(time.monotonic() + _START_SECONDS, 10_000)
        except _Gone as gone:
            self.kill()
            raise PoolError(f"the process that reads documents did not start ({gone}, exit "
                            f"{self._process.returncode}): `python -c 'import crawlers.documents.child'` may tell why"
                            ) from None
        self.held = tuple(str(name) for name in ready["ready"])

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    def ask(self, file: BinaryIO, media_type: str | None, filename: str | None, limits: DocumentLimits) -> Extracted:
        """One document. Raises _Gone."""
        self.files += 1
        body = json.dumps({"media_type": media_type, "filename": filename, "limits": asdict(limits)}).encode()
        deadline = time.monotonic() + limits.wall_seconds
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        try:
            self._channel.settimeout(limits.wall_seconds)
            socket.send_fds(self._channel, [len(body).to_bytes(8, "big")], [file.fileno()])
            self._channel.sendall(body)
        except OSError as problem:
            raise _Gone(f"it hung up ({problem.strerror or problem})") from None
        answer = self._answer(deadline, _BYTES_A_CHARACTER * limits.text_chars + (64 << 20))
        try:
            return from_json(answer, limits)
        except (ValueError, TypeError, KeyError, IndexError) as problem:
            raise _Gone(f"it answered nonsense ({type(problem).__name__})") from None

    def end(self) -> None:
        """Hang up and wait; the child ends by itself."""
        self._channel.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it now."""
        self._channel.close()
        if self.alive:
            self._process.kill()
        self._process.wait()

    def post_mortem(self, why: str, limits: DocumentLimits) -> Extracted:
        """The verdict on a document its reader did not survive. Ends the child."""
        self._channel.close()
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.kill()
            return refusal("too_large", f"reading it was stopped: {why}", "unread")
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return refusal("too_large", f"reading it takes more than {limits.cpu_seconds} seconds of processor time, "
                                        "or the system stopped it", "unread")
        if code == -signal.SIGABRT:
            return refusal("too_large", f"its reader gave up, most likely for want of memory "
                                        f"({limits.memory_bytes:,} bytes)", "unread")
        return refusal("corrupt", f"its reader broke down over it (exit {code}); a hostile or badly damaged file",
                       "unread")

    def _answer(self, deadline: float, most: int) -> dict[str, Any]:
        size = int.from_bytes(self._exactly(8, deadline), "big")
        if size > most:
            raise _Gone("it answered without end")
        try:
            found = json.loads(self._exactly(size, deadline))
        except ValueError:
            raise _Gone("it answered nonsense") from None
        if not isinstance(found, dict):
            raise _Gone("it answered nonsense")
        return found

    def _exactly(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Gone("the time for one document is over")
            self._channel.settimeout(left)
            try:
                piece = self._channel.recv(min(size - len(data), 1 << 20))
            except TimeoutError:
                raise _Gone("the time for one document is over") from None
            except OSError as problem:
                raise _Gone(f"it hung up ({problem.strerror or problem})") from None
            if not piece:
                raise _Gone("it ended")
            data += piece
        return bytes(data)
