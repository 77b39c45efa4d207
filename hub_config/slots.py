"""Places at which waiting containers meet this machine, and where their user's files appear.

A container's mounts are fixed when it is created, and a waiting container does not know its user yet. So each gets a
slot: a small file system of its own, in memory, shared with the container so that what is mounted in it here appears
there. At the claim the user's volume is mounted at ``home/student``. A container sees its own slot only.
"""

import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Slot", "make_slot", "slots_in", "slots_possible"]

_STUDENT = 1000
_MOUNT, _UNMOUNT = "/usr/bin/mount", "/usr/bin/umount"


def slots_possible() -> bool:
    """Tell whether this process may mount where the engine's containers see it: root may, outside a container."""
    inside = os.environ.get("container")  # noqa: SIM112 the convention's own spelling
    return os.geteuid() == 0 and Path(_MOUNT).exists() and not inside


@dataclass(frozen=True)
class Slot:
    """One slot.

    Attributes
    ----------
    path
        Its folder on this machine, named by the slot's own name.
    """

    path: Path

    @property
    def name(self) -> str:
        """Name of the slot, which its container bears as a label."""
        return self.path.name

    @property
    def door(self) -> Path:
        """The socket at which the waiting session listens."""
        return self.path / "door/door.sock"

    @property
    def age_s(self) -> float:
        """Seconds since it was made."""
        return time.time() - self.path.stat().st_mtime

    def binds(self) -> dict[str, dict[str, str]]:
        """Build what the container mounts of it, as docker-py takes it."""
        return {
            str(self.path / "door"): {"bind": "/run/shixun", "mode": "rw"},
            str(self.path / "home"): {"bind": "/home", "mode": "ro", "propagation": "rslave"},
        }

    def bring_home(self, files: Path) -> None:
        """Let a user's files appear in the container.

        Parameters
        ----------
        files
            Folder of the user's volume on this machine; an empty new one becomes hers.

        Raises
        ------
        subprocess.CalledProcessError
            When it cannot be mounted.
        """
        status = files.stat()
        if status.st_uid == 0 and not any(files.iterdir()):
            os.chown(files, _STUDENT, _STUDENT)
            files.chmod(0o700)
        _run(_MOUNT, "--bind", "-o", "nosuid,nodev", str(files), str(self.path / "home/student"))

    def remove(self) -> None:
        """Take the slot away, once its container is gone; the user's files stay where they are."""
        for place in (self.path / "home/student", self.path):
            while os.path.ismount(place):
                # Lazily: a process of the dying container may still look.
                try:
                    _run(_UNMOUNT, "--lazy", str(place))
                except subprocess.CalledProcessError:
                    if os.path.ismount(place):
                        raise
                    # Whoever clears slots that are left was there first.
        shutil.rmtree(self.path, ignore_errors=True)


def make_slot(folder: Path) -> Slot:
    """Make a new slot.

    Parameters
    ----------
    folder
        Folder of all slots, of which others of this machine see nothing.

    Returns
    -------
    Slot
        Empty, without a user.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    slot = Slot(folder / secrets.token_hex(6))
    slot.path.mkdir()
    # Small: after the claim its student may write to `door`.
    _run(_MOUNT, "-t", "tmpfs", "-o", "size=64k,nr_inodes=16,mode=0755,nosuid,nodev", "shixun-slot", str(slot.path))
    _run(_MOUNT, "--make-shared", str(slot.path))
    (slot.path / "home/student").mkdir(parents=True)
    (slot.path / "door").mkdir(mode=0o700)
    os.chown(slot.path / "door", _STUDENT, _STUDENT)
    return slot


def slots_in(folder: Path) -> list[Slot]:
    """List the slots of a folder."""
    return [Slot(path) for path in sorted(folder.iterdir())] if folder.exists() else []


def _run(program: str, *arguments: str) -> None:
    subprocess.run([program, *arguments], check=True, capture_output=True)  # noqa: S603 our own arguments
