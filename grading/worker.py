"""The worker: ``python -m grading.worker`` re-simulates what was submitted and appends the outcomes."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from grading.bell import Bell
from grading.database import Database
from grading.errors import AssessmentError, LeaseLostError
from grading.outcomes import Outcomes
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds
from grading.settings import GradingSettings
from grading.submissions import Submissions

if TYPE_CHECKING:
    from types import FrameType

    from grading.assessment import Assessment
    from grading.submissions import Submission

__all__ = ["Worker"]

_IDLE_S = 1.0
_ATTENTION_S = 0.2

_log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """The worker was asked to end while a simulation ran."""


class Worker:
    """Takes one submission after the other.

    Parameters
    ----------
    database
        The database.
    sandbox
        Where decisions are simulated.
    bell
        Wakes the worker when something was submitted.
    lease_s
        Seconds after which others may take a submission over; renewed at a third of it.
    timeout_s
        Seconds that one simulation may take.
    """

    def __init__(self, database: Database, sandbox: Sandbox, bell: Bell, *, lease_s: float, timeout_s: float) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._submissions = Submissions(database)
        self._outcomes = Outcomes(database)
        self._sandbox = sandbox
        self._bell = bell
        self._lease_s = lease_s
        self._timeout_s = timeout_s
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ask the worker to end soon; a submission at work goes back to the queue."""
        self._stopped.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopped.is_set():
            try:
                worked = self.step()
            except sa.exc.OperationalError as error:
                _log.warning("the database does not answer, trying again in %g s: %s", _IDLE_S, error.orig)
                self._stopped.wait(_IDLE_S)
                continue
            if not worked:
                self._bell.wait(_IDLE_S)
        self._sandbox.kill()

    def step(self) -> bool:
        """Grade one submission; False where none waits."""
        claim = self._submissions.claim(self.name, self._lease_s)
        if claim is None:
            return False
        _log.info("submission %s: %s of %s, try %d", claim.id, claim.lab, claim.learner, claim.tries)
        try:
            self._grade(claim)
        except LeaseLostError as error:
            # The other worker records the outcome; what is simulated here is of no use any more.
            _log.warning("%s", error)
            self._sandbox.kill()
        return True

    def _grade(self, claim: Submission) -> None:
        try:
            assessment = self._assess(claim)
        except _StoppedError:
            self._sandbox.kill()
            self._submissions.release(claim)
            _log.info("submission %s: back to the queue, this worker stops", claim.id)
        except AssessmentError as error:
            state = self._submissions.fail(claim, str(error), final=error.final)
            _log.warning("submission %s: %s; now %s", claim.id, error, state, exc_info=error.__cause__)
        else:
            outcome = self._outcomes.record(claim, assessment)
            _log.info(
                "submission %s: outcome %s, %g of %g points", claim.id, outcome.id, outcome.points, outcome.maximum
            )

    def _assess(self, claim: Submission) -> Assessment:
        began = renewed = time.monotonic()
        self._sandbox.start(claim.lab, claim.decision)
        while (assessment := self._sandbox.wait(_ATTENTION_S)) is None:
            now = time.monotonic()
            if self._stopped.is_set():
                raise _StoppedError
            if now - began > self._timeout_s:
                self._sandbox.kill()
                reason = f"the simulation took longer than its bound of {self._timeout_s:g} s"
                raise AssessmentError(reason)
            if now - renewed > self._lease_s / 3:
                self._submissions.renew(claim, self._lease_s)
                renewed = now
        return assessment


def main() -> None:
    """Run a worker with the settings of the environment until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = GradingSettings()
    database = Database(settings.database)
    database.upgrade()
    bell = Bell(settings.redis_url)
    worker = Worker(
        database,
        Sandbox(settings.catalog, HeldOutSeeds.read(settings.secret_file)),
        bell,
        lease_s=settings.grading_lease_s,
        timeout_s=settings.grading_timeout_s,
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _log.info("worker %s is ready", worker.name)
    worker.run()
    bell.close()
    database.close()
    _log.info("worker %s has ended", worker.name)


if __name__ == "__main__":
    main()
