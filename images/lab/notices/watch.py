"""Looks at the session's memory and disk, and into the folder in which the hub puts what it has to say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["Notice", "Watch"]

# The hub writes here, see hub_config/notices.py.
_FOLDER = Path("/tmp/notices")  # noqa: S108 the container's own
# Of cgroups' version 2 and 1; either counts how often the kernel ended a process for want of memory.
_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
_LEAST_FREE_BYTES = 20 * 1024 * 1024


class Notice(NamedTuple):
    """One thing to tell; ``name`` changes when it is to be told again.

    JupyterLab cuts off what has more than 140 characters, both languages together.
    """

    name: str
    zh: str
    en: str


class Watch:
    """What there is to tell now.

    Parameters
    ----------
    home
        The student's home.
    folder
        Where the hub puts its notices.
    counters
        Files that hold a line ``oom_kill NUMBER``; the first that is there counts.
    """

    def __init__(self, home: Path, folder: Path = _FOLDER, counters: tuple[Path, ...] = _COUNTERS) -> None:
        self._home = home
        self._folder = folder
        self._counters = counters

    def notices(self) -> list[Notice]:
        """Look anew."""
        return [*self._memory(), *self._disk(), *self._hub()]

    def _memory(self) -> list[Notice]:
        killed = self._killed()
        if not killed:
            return []
        return [
            Notice(
                f"memory-{killed}",
                "内存用完了，程序被结束，文件都在。请减少重复次数。",
                "Memory ran out and your program was ended. Files are safe. Use fewer replications.",
            )
        ]

    def _killed(self) -> int:
        for path in self._counters:
            try:
                lines = path.read_text(encoding="ascii").splitlines()
            except OSError:
                continue
            return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
        return 0

    def _disk(self) -> list[Notice]:
        state = os.statvfs(self._home)
        if state.f_bavail * state.f_frsize >= _LEAST_FREE_BYTES:
            return []
        return [
            Notice(
                "disk",
                "磁盘快满了，更改可能无法保存。请删除不需要的文件。",
                "The disk is nearly full: changes may not be saved. Delete files you do not need.",
            )
        ]

    def _hub(self) -> list[Notice]:
        found = []
        for path in sorted(self._folder.glob("*.json")) if self._folder.exists() else []:
            words = json.loads(path.read_text(encoding="utf-8"))
            found.append(Notice(f"{path.stem}-{path.stat().st_mtime_ns}", words["zh"], words["en"]))
        return found
