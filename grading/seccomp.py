"""A seccomp filter for policies under bubblewrap: no processes, no threads, no sockets, nothing of the kernel's edges.

The filter is a classic BPF program (Linux, ``Documentation/userspace-api/seccomp_filter.rst``): it reads the number of
each system call and answers those listed with EPERM; a call of another architecture ends the process.
"""

from __future__ import annotations

import errno
import platform
import struct

__all__ = ["FORBIDDEN", "program"]

# Numbers of system calls: x86-64, and the generic table of 64-bit ARM; None where it does not exist there.
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "kill": (62, 129),
    "tkill": (200, 130),
    "prlimit64": (302, 261),
    "setrlimit": (160, 164),
}
_CLONE3 = 435  # answered with "no such call", so that callers fall back to clone and are refused there

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_LOAD, _EQUAL, _ABOVE, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_X32 = 0x40000000


def program() -> bytes:
    """Return the filter for this machine's architecture.

    Raises
    ------
    NotImplementedError
        On an architecture whose numbers are not known here.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        message = f"architecture = {machine!r}: policies run under bubblewrap on x86_64 and aarch64 only"
        raise NotImplementedError(message)
    audit, column = _ARCHITECTURES[machine]
    numbers = sorted(found for row in FORBIDDEN.values() if (found := row[column]) is not None)
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the number of the call
    ]
    if column == 0:
        steps += [(_ABOVE, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for number in numbers:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
