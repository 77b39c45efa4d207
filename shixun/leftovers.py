"""Processes of a training base that outlived it, as a hub killed outright leaves its proxy behind.

A proxy left behind would serve the next hub's visitors with the old hub's routes. Whoever holds the data folder's lock
(`shixun.running`) knows that every such process is a leftover. They are known by two marks together: an environment
that names the data folder, which each of them inherits, and a program that is ours.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub_config.spawner import labs_dir
from shixun.errors import StartError

_PROC = Path("/proc")
# What a process is called in messages, and what its command line holds.
_PROGRAMS = (
    ("proxy", "configurable-http-proxy"),
    ("session", "jupyterhub-singleuser"),
    ("session", "jupyterhub.singleuser"),
    ("session", "labs.session"),
    ("kernel", "ipykernel_launcher"),
    ("hub", "jupyterhub"),
    ("session gate", "hub_config.gate"),
    ("pool service", "hub_config.pool_entry"),
    ("idle culler", "jupyterhub_idle_culler"),
    ("grading worker", "grading.worker"),
    ("grading service", "grading"),
    ("Redis", "redis-server"),
)
_GRACE_S = 20.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Leftover:
    """One process left behind."""

    pid: int
    program: str


def find_leftovers(data_dir: Path) -> list[Leftover]:
    """Find the processes of a data folder's training base.

    Parameters
    ----------
    data_dir
        The folder, absolute.

    Returns
    -------
    list[Leftover]
        Those of this user, hub first so that it can end the others itself.
    """
    marks = {
        f"SHIXUN_DATA_DIR={data_dir}".encode(),
        f"SHIXUN_LAB_CATALOG={labs_dir(data_dir)}".encode(),
    }
    found = [
        Leftover(pid, program)
        for pid, arguments, environment in _processes()
        if not marks.isdisjoint(environment) and (program := _program(arguments))
    ]
    return sorted(found, key=lambda leftover: (leftover.program != "hub", leftover.pid))


def end_leftovers(data_dir: Path) -> list[Leftover]:
    """End the processes of a data folder's training base; to be called by who holds its lock.

    Parameters
    ----------
    data_dir
        The folder, absolute.

    Returns
    -------
    list[Leftover]
        What was ended.

    Raises
    ------
    StartError
        When one does not end.
    """
    ended: dict[int, Leftover] = {}
    # A hub that is told to end takes its own children with it, so look again after each.
    while leftovers := [each for each in find_leftovers(data_dir) if each.pid not in ended]:
        leftover = leftovers[0]
        _end(leftover)
        ended[leftover.pid] = leftover
    return list(ended.values())


def _end(leftover: Leftover) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(leftover.pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + _GRACE_S
        while time.monotonic() < deadline:
            if _gone(leftover.pid):
                return
            time.sleep(_POLL_S)
    msg = f"the {leftover.program} left behind by an earlier start (pid {leftover.pid}) does not end; end it by hand"
    raise StartError(msg)


def _gone(pid: int) -> bool:
    """Tell whether a process has ended; one that only waits to be reaped by its parent has."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _program(arguments: list[str]) -> str:
    """Name the program of ours that a command line runs; empty for others'."""
    return next((name for name, part in _PROGRAMS if any(_runs(part, word) for word in arguments[:5])), "")


def _runs(part: str, word: str) -> bool:
    return word == part or Path(word).name == part


def _processes() -> Iterator[tuple[int, list[str], set[bytes]]]:
    for folder in _PROC.glob("[0-9]*"):
        pid = int(folder.name)
        if pid == os.getpid():
            continue
        try:
            arguments = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            environment = set((folder / "environ").read_bytes().split(b"\0"))
        except OSError:
            # Ended meanwhile, or another user's.
            continue
        if not _gone(pid):
            yield pid, arguments, environment
