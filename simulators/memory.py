"""How much memory a run may still take."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["available_bytes"]

CGROUP = Path("/sys/fs/cgroup")
SHARE = 0.8


def available_bytes() -> int:
    """Return the bytes that this process can still get: four fifths of what its container and machine have free."""
    free = [_machine_bytes()]
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
        used = int((CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        pass  # no container, or an older kernel: the machine's own bound holds
    else:
        if limit != "max":
            free.append(max(0, int(limit) - used))
    return int(SHARE * min(free))


def _machine_bytes() -> int:
    page = os.sysconf("SC_PAGE_SIZE")
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux: the physical memory then
    return os.sysconf("SC_PHYS_PAGES") * page
