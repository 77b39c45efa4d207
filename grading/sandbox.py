"""A child process in which decisions are simulated: it may crash, hang or eat memory without ending the worker.

It stays warm: labs are read and engines compiled once, and many decisions are handed over at a time.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grading import reasons
from grading.assessment import Assessor
from grading.errors import AssessmentError, SandboxStartError
from grading.hints import find
from grading.policy_sandbox import Warm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from grading.assessment import Assessment
    from grading.policy_launchers import Launcher
    from grading.sampling import Progress
    from grading.seeds import HeldOutSeeds
    from simulators import Study

__all__ = ["Advanced", "Answer", "Job", "Sandbox"]

_WATCH_S = 1.0
_NICENESS = 5
_TELL_S = 0.25
"""Progress is told so often at most: a short simulation is not held up by telling of it."""


@dataclass(frozen=True)
class Job:
    """A decision to assess, or, with ``hint``, to find the best change of.

    Parameters
    ----------
    lab, decision
        Which decision of which lab.
    known
        Replications of its study that are at hand.
    hint
        Whether the hint is wanted, not the assessment.
    """

    lab: str
    decision: Mapping[str, Any]
    known: Study | None = None
    hint: bool = False


@dataclass(frozen=True)
class Advanced:
    """A job is so far: told when it begins, and then every quarter of a second."""

    number: int
    progress: Progress


@dataclass(frozen=True)
class Answer:
    """A job is done.

    Parameters
    ----------
    number
        Which of the jobs handed over, from 0.
    assessment, study
        What it gave.
    hint
        What it gave where a hint was wanted; None where the search was interrupted.
    error
        Why it gave nothing.
    """

    number: int
    assessment: Assessment | None = None
    study: Study | None = None
    hint: Mapping[str, Any] | None = None
    error: AssessmentError | None = None


@dataclass(frozen=True)
class _Ready:
    pass


@dataclass(frozen=True)
class _Failure:
    """An error as it travels: exceptions with arguments of their own do not survive pickling."""

    number: int
    reason: str
    final: bool
    trace: str


def _end_with(parent: int) -> None:
    """Leave when the worker was killed: nobody waits for this simulation any more."""
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(0)


def _serve(
    connection: Connection, parent: int, catalog_root: Path, seeds: HeldOutSeeds, launcher: Launcher | None
) -> None:
    # The service and the database answer first; simulations take what is left.
    os.nice(_NICENESS)
    # Ctrl-C reaches the whole process group; the worker decides what becomes of this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    assessor = Assessor(catalog_root, seeds, Warm(launcher) if launcher else None)
    connection.send(_Ready())
    while True:
        try:
            jobs: Sequence[Job] = connection.recv()
        except EOFError:
            return
        for number, job in enumerate(jobs):
            connection.send(_done(connection, assessor, number, job))


def _done(connection: Connection, assessor: Assessor, number: int, job: Job) -> Answer | _Failure:
    try:
        if job.hint:
            # Whatever comes while a hint is sought is more important.
            return Answer(number, hint=find(assessor, job.lab, job.decision, lambda: connection.poll(0)))
        assessment, study = assessor.assess(job.lab, job.decision, job.known, _Teller(connection, number))
        return Answer(number, assessment, study)
    except AssessmentError as error:
        return _Failure(number, str(error), error.final, "")
    except Exception as error:
        reason = reasons.STOPPED % {"kind": type(error).__name__}
        return _Failure(number, reason, False, traceback.format_exc())


class _Teller:
    """Tells the worker how far a job is, not too often."""

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        self._number = number
        self._told_s = -math.inf

    def __call__(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            self._connection.send(Advanced(self._number, progress))


class Sandbox:
    """One child process, started when it is needed and again after it died.

    Parameters
    ----------
    catalog_root
        Folder of the labs.
    seeds
        The held-out seeds.
    launcher
        What starts students' policies; None where they are refused.
    """

    def __init__(self, catalog_root: Path, seeds: HeldOutSeeds, launcher: Launcher | None = None) -> None:
        self._launcher = launcher
        self._catalog_root = catalog_root
        self._seeds = seeds
        self._child: tuple[SpawnProcess, Connection] | None = None
        self._ready = False
        self._next = 0

    @property
    def ready(self) -> bool:
        """Whether the child process has come up; only then does the time of a job run."""
        return self._ready

    def used_s(self) -> float:
        """Return the processor time that the child process has used so far, in seconds; 0 where it has died."""
        if self._child is None:
            return 0.0
        try:
            status = Path(f"/proc/{self._child[0].pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return 0.0
        # utime and stime, the 14th and 15th field; the name, the second one, may hold anything (proc_pid_stat(5)).
        user, system = status.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def start(self, jobs: Sequence[Job]) -> None:
        """Hand jobs over; they are done one after the other, in their order."""
        if self._child and not self._child[0].is_alive():
            self.kill()
        if self._child is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve,
                args=(theirs, os.getpid(), self._catalog_root, self._seeds, self._launcher),
                daemon=True,
            )
            process.start()
            theirs.close()
            self._child = process, ours
        self._next = 0
        try:
            self._child[1].send(list(jobs))
        except OSError as error:
            self.kill()
            raise SandboxStartError(None) from error

    def interrupt(self) -> None:
        """Ask for the search of a hint to be given up; it answers as soon as the change at work is tried."""
        if self._child is not None:
            with contextlib.suppress(OSError):  # it has died, which waiting for it will tell
                self._child[1].send([])

    def wait(self, seconds: float) -> Advanced | Answer | None:
        """Return the next thing that the child process says; None where it says nothing for some seconds.

        A job over which the process dies is answered with an error, and the jobs after it have to be started again.

        Raises
        ------
        SandboxStartError
            Where the process died before it could work: no job is to blame.
        """
        if self._child is None:
            message = "nothing was started"
            raise RuntimeError(message)
        process, connection = self._child
        if not connection.poll(seconds):
            return None
        try:
            said = connection.recv()
        except (EOFError, OSError) as error:
            process.join()
            code, was_ready = process.exitcode, self._ready
            self.kill()
            if not was_ready:
                raise SandboxStartError(code) from error
            reason = reasons.PROCESS_DIED % {"code": code}
            return Answer(self._next, error=AssessmentError(reason))
        if isinstance(said, _Ready):
            self._ready = True
            return None
        if isinstance(said, Advanced):
            return said
        self._next = said.number + 1
        if isinstance(said, _Failure):
            failure = AssessmentError(said.reason, final=said.final)
            failure.__cause__ = RuntimeError(said.trace) if said.trace else None
            return Answer(said.number, error=failure)
        answer: Answer = said
        return answer

    def kill(self) -> None:
        """End the child process, whatever it does."""
        if self._child:
            process, connection = self._child
            connection.close()
            process.kill()
            process.join()
            process.close()
            self._child = None
        self._ready = False
