"""A child process in which decisions are simulated: it may crash, hang or eat memory without ending the worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grading.assessment import assess
from grading.errors import AssessmentError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    from grading.assessment import Assessment
    from grading.seeds import HeldOutSeeds

__all__ = ["Sandbox"]

_WATCH_S = 1.0


@dataclass(frozen=True)
class _Failure:
    reason: str
    final: bool
    trace: str


def _end_with(parent: int) -> None:
    """Leave when the worker was killed: nobody waits for this simulation any more."""
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(0)


def _serve(connection: Connection, parent: int, catalog_root: Path, seeds: HeldOutSeeds) -> None:
    # Ctrl-C reaches the whole process group; the worker decides what becomes of this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    while True:
        try:
            lab, decision = connection.recv()
        except EOFError:
            return
        answer: Assessment | _Failure
        try:
            answer = assess(catalog_root, lab, decision, seeds)
        except AssessmentError as error:
            answer = _Failure(str(error), error.final, "")
        except Exception as error:
            answer = _Failure(
                f"the simulation of this decision stopped with {type(error).__name__}", False, traceback.format_exc()
            )
        connection.send(answer)


class Sandbox:
    """One child process, started when it is needed and again after it died.

    Parameters
    ----------
    catalog_root
        Folder of the labs.
    seeds
        The held-out seeds.
    """

    def __init__(self, catalog_root: Path, seeds: HeldOutSeeds) -> None:
        self._catalog_root = catalog_root
        self._seeds = seeds
        self._child: tuple[SpawnProcess, Connection] | None = None

    def start(self, lab: str, decision: Mapping[str, Any]) -> None:
        """Begin to assess a decision."""
        if self._child and not self._child[0].is_alive():
            self.kill()
        if self._child is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, os.getpid(), self._catalog_root, self._seeds), daemon=True
            )
            process.start()
            theirs.close()
            self._child = process, ours
        self._child[1].send((lab, dict(decision)))

    def wait(self, seconds: float) -> Assessment | None:
        """Return the assessment; None where it is not ready after some seconds.

        Raises
        ------
        AssessmentError
            Where the decision cannot be assessed or the child process died over it.
        """
        if self._child is None:
            message = "nothing was started"
            raise RuntimeError(message)
        process, connection = self._child
        if not connection.poll(seconds):
            return None
        try:
            answer: Assessment | _Failure = connection.recv()
        except (EOFError, OSError) as error:
            process.join()
            reason = f"the process that simulated this decision died (exit code {process.exitcode})"
            self.kill()
            raise AssessmentError(reason) from error
        if isinstance(answer, _Failure):
            raise AssessmentError(answer.reason, final=answer.final) from (
                RuntimeError(answer.trace) if answer.trace else None
            )
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
