"""What starts the processes in which students' policies run: bubblewrap, or containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

from grading import policy_runner
from grading.seccomp import program

__all__ = ["ANSWER_S", "TOTAL_S", "Bubblewrap", "Docker", "Launcher", "choose_launcher"]

ANSWER_S = 2.0
"""Seconds of processor time that a policy may use for an answer, unless the lab says otherwise."""

TOTAL_S = 60.0
"""Seconds of processor time that a policy may use for all answers; a lab may give less."""

_PROCESS_S = int(TOTAL_S) + 10
"""The same for the whole process, which reads questions and starts up as well; the kernel sees to it."""

_PATH = "PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin"
_RUNNER = Path(policy_runner.__file__).read_text(encoding="utf-8")
_MEMORY_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Bubblewrap:
    """Starts policies under bubblewrap: own namespaces for everything, read-only interpreter, seccomp, limits."""

    def command(self, seccomp: int) -> list[str]:
        """Return the command that starts the interpreter; ``seccomp`` is the file descriptor of the filter."""
        program_path = str(shutil.which("bwrap"))
        interpreter = Path(sys.executable).resolve()
        prefix = Path(sys.base_prefix).resolve()
        mounts = ["/usr", "/lib", "/lib64", "/bin", str(prefix)]
        bound: list[str] = []
        for mount in mounts:
            if Path(mount).is_symlink():
                bound += ["--symlink", os.readlink(mount), mount]  # noqa: PTH115 - as it stands, relative
            elif Path(mount).exists():
                bound += ["--ro-bind", mount, mount]
        return [
            program_path,
            "--unshare-all",
            "--unshare-user",
            "--die-with-parent",
            "--new-session",
            *("--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--hostname", "policy"),
            *bound,
            # A /proc of its own namespace would still tell of the machine; the interpreter needs none.
            *("--dev", "/dev", "--tmpfs", "/tmp", "--remount-ro", "/tmp", "--chdir", "/"),  # noqa: S108 - inside
            *("--clearenv", "--setenv", "PYTHONHASHSEED", "0", "--setenv", "LANG", "C.UTF-8"),
            *("--seccomp", str(seccomp)),
            *(str(interpreter), "-I", "-S", "-B", "-c", _RUNNER),
        ]

    def start(self) -> subprocess.Popen[bytes]:
        """Start a process that waits for a source."""
        with tempfile.TemporaryFile() as filtering:
            filtering.write(program())
            filtering.seek(0)
            limits = [
                "prlimit",
                f"--as={_MEMORY_BYTES}",
                f"--cpu={_PROCESS_S}",
                "--fsize=0",
                "--nofile=32",
                "--core=0",
            ]
            return subprocess.Popen(  # noqa: S603 - our own command
                [str(shutil.which("prlimit")), *limits, *self.command(filtering.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[filtering.fileno()],
                env={"PATH": os.environ.get("PATH", "")},
            )


class _Container(subprocess.Popen[bytes]):
    """The program that talks to a container; killing it kills the container as well."""

    def __init__(self, name: str, command: list[str]) -> None:
        self._name = name
        super().__init__(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """End container and program."""
        command = [str(shutil.which("docker")), "kill", self._name]
        # One that has ended is gone already.
        subprocess.run(command, capture_output=True, check=False, timeout=30)  # noqa: S603 - our own command
        super().kill()


@dataclass(frozen=True)
class Docker:
    """Starts policies in containers of an image that has Python.

    Parameters
    ----------
    image
        Name of the image; the lab image will do.
    """

    image: str

    def start(self) -> subprocess.Popen[bytes]:
        """Start a container that waits for a source."""
        name = uuid4()
        # A user of its own, so that the limit of processes, which is the user's, counts this one alone.
        user = 100_000 + name.int % 1_000_000_000
        options = {
            "name": f"shixun-policy-{name.hex}",
            "label": "shixun.policy=1",
            "pull": "never",
            "network": "none",
            "cap-drop": "ALL",
            "security-opt": "no-new-privileges:true",
            "user": f"{user}:{user}",
            "memory": _MEMORY_BYTES,
            "memory-swap": _MEMORY_BYTES,
            "cpus": 1,
            "pids-limit": 16,
            "workdir": "/",
            "entrypoint": "/usr/bin/env",  # which leaves out what the image sets
        }
        limits = {"cpu": _PROCESS_S, "core": 0, "fsize": 0, "nproc": 1}
        return _Container(
            str(options["name"]),
            [
                str(shutil.which("docker")),
                *("run", "--rm", "--interactive", "--read-only"),
                *(f"--{option}={value}" for option, value in options.items()),
                *(f"--ulimit={limit}={value}" for limit, value in limits.items()),
                *(self.image, "-i", _PATH, "PYTHONHASHSEED=0", "python3", "-I", "-S", "-B", "-c", _RUNNER),
            ],
        )


Launcher = Bubblewrap | Docker


def choose_launcher(wish: Literal["auto", "docker", "bubblewrap", "off"], image: str) -> Launcher | None:
    """Return what starts policies here; None where there is neither a Docker engine with the image nor bubblewrap.

    Parameters
    ----------
    wish
        Which one; ``auto`` takes Docker where it can, else bubblewrap.
    image
        Image of the containers.
    """
    if wish in {"auto", "docker"} and (docker := shutil.which("docker")):
        with suppress(subprocess.TimeoutExpired):  # an engine that does not answer starts nothing either
            look = subprocess.run(  # noqa: S603 - our own command
                [docker, "image", "inspect", image], capture_output=True, check=False, timeout=60
            )
            if look.returncode == 0:
                return Docker(image)
    if wish in {"auto", "bubblewrap"} and shutil.which("bwrap") and shutil.which("prlimit"):
        return Bubblewrap()
    return None
