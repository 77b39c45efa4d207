"""The processes that a start command runs, and their end."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shixun.errors import StartError


@dataclass(frozen=True)
class Child:
    """A process of ours."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    grace_s: float


class Children:
    """Start processes in order, notice when one dies, end them in reverse order.

    Each runs in a session of its own, so that Ctrl-C in the terminal reaches the start command alone and it decides
    who ends when.
    """

    def __init__(self) -> None:
        self._children: list[Child] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        grace_s: float,
    ) -> None:
        """Start a process.

        Parameters
        ----------
        name
            What messages call it.
        command
            Program and arguments.
        environment
            Its whole environment.
        folder
            Its working folder.
        log
            File to which its output is appended.
        grace_s
            Seconds that it has to end by itself when told to.
        """
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 our own programs
                list(command),
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(Child(name, process, log, grace_s))

    def check(self) -> None:
        """Notice a process that died.

        Raises
        ------
        StartError
            When there is one, with the end of its log.
        """
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                how = f"signal {-code}" if code < 0 else f"code {code}"
                msg = f"{child.name} ended by itself ({how}); the end of {child.log}:\n{tail(child.log)}"
                raise StartError(msg)

    def stop(self) -> None:
        """End the processes, the last started first."""
        while self._children:
            child = self._children[-1]
            child.process.terminate()
            try:
                child.process.wait(child.grace_s)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            self._children.pop()


def tail(log: Path, lines: int = 12) -> str:
    """Read the end of a log.

    Parameters
    ----------
    log
        The file.
    lines
        How many lines at most.

    Returns
    -------
    str
        The lines, indented.
    """
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in text[-lines:])
