"""Logs that do not grow for ever."""

import shutil
from pathlib import Path

__all__ = ["rotate"]

_LONGEST_BYTES = 20 * 1024 * 1024
_KEPT = 3


def rotate(folder: Path, longest_bytes: int = _LONGEST_BYTES, kept: int = _KEPT) -> list[Path]:
    """Set aside the logs of a folder that have become long, without a break for who writes them.

    A log is copied and then emptied in place: it is open for appending in another process, whose next line begins the
    empty file.

    Parameters
    ----------
    folder
        Folder of the logs, ``*.log``.
    longest_bytes
        Size from which a log is set aside.
    kept
        How many older parts stay: ``hub.log.1`` is the youngest.

    Returns
    -------
    list[Path]
        The logs that were emptied.
    """
    emptied = []
    for log in sorted(folder.glob("*.log")):
        if log.stat().st_size < longest_bytes:
            continue
        for number in range(kept - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copy2(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as file:
            file.truncate(0)
        emptied.append(log)
    return emptied
