"""Locks the reading process in before it sees a hostile byte: resources, network, processes, files.

Belongs here: what the operating system enforces. Does not belong here: reading, and what the parent enforces (wall
clock, size of the answer). Linux has all of it; elsewhere only the resource limits (``lock_down`` says what holds).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import sys
import sysconfig
from pathlib import Path
from typing import Final

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_DUMPABLE = 38, 22, 4
_FILTER_MODE: Final = 2
_LOAD, _EQUAL, _BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD: Final = 0x00010000
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# linux/audit.h, and the calls' numbers (x86_64: syscall_64.tbl; aarch64: asm-generic/unistd.h)
_ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Refused calls by name: (x86_64, aarch64), None where the architecture has none. sendto too: answers go by write().
_REFUSED: Final[dict[str, tuple[int | None, int | None]]] = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "sendmsg": (46, 211),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199), "accept4": (288, 242), "sendmmsg": (307, 269),
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, None), "mkdirat": (258, 34),
    "rmdir": (84, None), "creat": (85, None), "link": (86, None), "linkat": (265, 37), "unlink": (87, None),
    "unlinkat": (263, 35), "symlink": (88, None), "symlinkat": (266, 36), "mknod": (133, None), "mknodat": (259, 33),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None), "lchown": (94, None),
    "fchownat": (260, 54), "truncate": (76, 45), "utimes": (235, None), "utimensat": (280, 88),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "mount": (165, 40),
    "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
}
_CLONE: Final = {"x86_64": 56, "aarch64": 220}
_CLONE3, _OPENAT2 = 435, 437
_OPENS: Final = {"x86_64": ((2, 1), (257, 2)), "aarch64": ((56, 2),)}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ_FILE, _READ_DIR, _ALL_V1 = 1 << 2, 1 << 3, (1 << 13) - 1


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def lock_down(hard_memory: int) -> list[str]:
    """Give up what reading does not need; cannot be undone. Returns what is in force.

    'rlimits' always; on Linux, where the kernel offers it, 'landlock' (reads only Python's own files) and 'seccomp'
    (no network, no new processes, no writing).
    """
    _limits(hard_memory)
    held = ["rlimits"]
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return held
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return held
    if _landlock(libc):
        held.append("landlock")
    if _seccomp(libc, machine):
        held.append("seccomp")
    return held


def allow(cpu_seconds: int, memory_bytes: int) -> None:
    """Limits of the next document: processor seconds from now, address space (both within the hard limits)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _soft(resource.RLIMIT_CPU, spent + cpu_seconds)
    _soft(resource.RLIMIT_AS, memory_bytes)


def _limits(hard_memory: int) -> None:
    for kind, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
                       (resource.RLIMIT_AS, hard_memory)):
        _, hard = resource.getrlimit(kind)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS; the parent's clock still holds
            resource.setrlimit(kind, (value, value))


def _soft(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _seccomp(libc: ctypes.CDLL, machine: str) -> bool:
    """Refuse calls with EACCES; a call of another architecture ends the process."""
    refuse, unknown = _ERRNO | errno.EACCES, _ERRNO | errno.ENOSYS
    code = [_Instruction(_LOAD, 0, 0, 4), _Instruction(_EQUAL, 1, 0, _ARCHITECTURES[machine]),
            _Instruction(_RETURN, 0, 0, _KILL), _Instruction(_LOAD, 0, 0, 0)]
    if machine == "x86_64":  # x32 calls have their own numbers
        code += [_Instruction(_BITS, 0, 1, 0x40000000), _Instruction(_RETURN, 0, 0, refuse)]
    column = list(_ARCHITECTURES).index(machine)
    for number in sorted(n for call in _REFUSED.values() if (n := call[column]) is not None):
        code += [_Instruction(_EQUAL, 0, 1, number), _Instruction(_RETURN, 0, 0, refuse)]
    for number in (_CLONE3, _OPENAT2):  # libraries then use clone and openat, whose flags can be seen
        code += [_Instruction(_EQUAL, 0, 1, number), _Instruction(_RETURN, 0, 0, unknown)]
    code += [_Instruction(_EQUAL, 0, 4, _CLONE[machine]), _Instruction(_LOAD, 0, 0, 16),
             _Instruction(_BITS, 1, 0, _CLONE_THREAD), _Instruction(_RETURN, 0, 0, refuse),
             _Instruction(_RETURN, 0, 0, _ALLOW)]
    for number, argument in _OPENS[machine]:
        code += [_Instruction(_EQUAL, 0, 4, number), _Instruction(_LOAD, 0, 0, 16 + 8 * argument),
                 _Instruction(_BITS, 0, 1, _WRITING), _Instruction(_RETURN, 0, 0, refuse),
                 _Instruction(_RETURN, 0, 0, _ALLOW)]
    code.append(_Instruction(_RETURN, 0, 0, _ALLOW))
    program = _Program(len(code), (_Instruction * len(code))(*code))
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def _landlock(libc: ctypes.CDLL) -> bool:
    """Only the interpreter's and libraries' folders can be opened, for reading."""
    handled = _Ruleset(_ALL_V1)
    ruleset = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    if ruleset < 0:
        return False
    try:
        for folder in _readable():
            handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = _Beneath(_READ_FILE | _READ_DIR, handle)
                if libc.syscall(_LANDLOCK_ADD, ruleset, 1, ctypes.byref(rule), 0) != 0:
                    return False
            finally:
                os.close(handle)
        return bool(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _readable() -> list[Path]:
    own = Path(__file__).resolve().parents[1]  # this room's code
    named = {own, own.parent / "records", Path(sys.prefix), Path(sys.base_prefix) / "lib",
             Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("platlib")),
             *(Path(p) for p in ("/lib", "/lib64", "/usr/lib", "/usr/lib64"))}
    return sorted(path.resolve() for path in named if path.is_dir())
