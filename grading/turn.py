"""A worker's turn: submissions that it has leased, simulated in its sandbox and recorded."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from grading import reasons
from grading.archive import Archive
from grading.errors import AssessmentError, LeaseLostError, SandboxStartError
from grading.leases import Leases
from grading.outcomes import Graded, Outcomes
from grading.sandbox import Advanced, Job
from grading.studies import Studies
from simulators import SimulatorError

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from uuid import UUID

    from grading.assessment import Assessor
    from grading.bell import Bell
    from grading.database import Database
    from grading.sandbox import Answer, Sandbox
    from grading.submissions import Submission

__all__ = ["Turn", "key_of"]

_ATTENTION_S = 0.2
_TOGETHER = 32
_LONGEST = 5
"""So many times its processor time may a simulation take by the clock on the wall: a busy machine fails nobody."""
_PATIENCE_S = 0.1
"""So long does a graded submission wait for others that are written to disk with it."""

_log = logging.getLogger(__name__)


def key_of(assessor: Assessor, lab: str, decision: object) -> str | None:
    """Return the name of a decision's study; None where the lab is gone or malformed, which the sandbox will say."""
    try:
        return assessor.key(lab, decision)  # type: ignore[arg-type]
    except (AssessmentError, SimulatorError, OSError):
        return None


class Turn:
    """Grades leased submissions; parameters as of `grading.worker.Worker`.

    Parameters
    ----------
    stopped
        Set when the worker is to end.
    """

    def __init__(
        self,
        database: Database,
        sandbox: Sandbox,
        assessor: Assessor,
        bell: Bell,
        stopped: threading.Event,
        *,
        lease_s: float,
        timeout_s: float,
    ) -> None:
        self._leases = Leases(database)
        self._outcomes = Outcomes(database)
        self._studies = Studies(database)
        self._archive = Archive(database)
        self._sandbox = sandbox
        self._assessor = assessor
        self._bell = bell
        self._stopped = stopped
        self._lease_s = lease_s
        self._timeout_s = timeout_s

    def grade(self, claims: list[Submission]) -> None:
        """Grade submissions of one lab. One that fails, hangs or kills the sandbox does no harm to the others."""
        began = time.monotonic()
        self._archive.keep(self._assessor, claims[0].lab)
        keys = {claim.id: key_of(self._assessor, claim.lab, claim.decision) for claim in claims}
        known = self._studies.find([key for key in keys.values() if key])
        waiting = list(claims)
        if time.monotonic() - began > self._lease_s / 3:
            # Reading the lab took long on a busy machine; what another worker has taken over meanwhile is its own.
            waiting = self._leases.renew(waiting, self._lease_s)
        while waiting:
            jobs = [Job(claim.lab, claim.decision, known.get(keys[claim.id] or "")) for claim in waiting]
            try:
                self._sandbox.start(jobs)
                waiting = self._attend(waiting, keys)
            except SandboxStartError as error:
                _log.error("%s", error)
                self._put_back(waiting)
                self._stopped.wait(1.0)
                return

    def _attend(self, batch: list[Submission], keys: Mapping[UUID, str | None]) -> list[Submission]:
        """Take the answers of a batch; return what has to be started again."""
        done: list[Graded] = []
        number = 0  # of the submission at work
        began = renewed = oldest = time.monotonic()  # oldest: when the first of what is done was
        before_s = self._sandbox.used_s()
        while number < len(batch):
            left_s = oldest + _PATIENCE_S - time.monotonic() if done else _ATTENTION_S
            said = self._sandbox.wait(max(0.0, left_s))
            now = time.monotonic()
            if len(done) >= _TOGETHER or (done and now - oldest >= _PATIENCE_S):
                self._record(done)
                done = []
            if isinstance(said, Advanced):
                self._tell(batch[number], "grading", **asdict(said.progress))
            if said is None or isinstance(said, Advanced):
                if self._stopped.is_set():
                    self._sandbox.kill()
                    self._record(done)
                    self._put_back(batch[number:])
                    return []
                if not self._sandbox.ready:
                    began, before_s = now, self._sandbox.used_s()
                elif self._is_over(now - began, before_s):
                    self._sandbox.kill()
                    self._record(done)
                    reason = reasons.TOO_LONG % {"seconds": f"{self._timeout_s:g}"}
                    self._fail(batch[number], AssessmentError(reason))
                    return batch[number + 1 :]
            else:
                oldest = oldest if done else now
                self._take(batch[number], said, keys, now - began, done)
                number, began, before_s = number + 1, now, self._sandbox.used_s()
                if said.error and not self._sandbox.ready:
                    self._record(done)
                    return batch[number:]
            if now - renewed > self._lease_s / 3:
                held = self._leases.renew(batch[number:], self._lease_s)
                renewed = now
                if len(held) < len(batch) - number:
                    # Another worker records their outcomes; what is simulated here is of no use any more.
                    _log.warning("%d submissions were taken over by another worker", len(batch) - number - len(held))
                    self._record(done)
                    self._sandbox.kill()
                    return held
        self._record(done)
        return []

    def _is_over(self, wall_s: float, before_s: float) -> bool:
        """Tell whether a simulation has had its time; the clock that is cheap to read comes first."""
        if wall_s <= self._timeout_s:
            return False
        return wall_s > _LONGEST * self._timeout_s or self._sandbox.used_s() - before_s > self._timeout_s

    def _take(
        self, claim: Submission, said: Answer, keys: Mapping[UUID, str | None], worked_s: float, done: list[Graded]
    ) -> None:
        if said.assessment is not None:
            done.append(Graded(claim, said.assessment, keys[claim.id], said.study, worked_s))
        else:
            self._fail(claim, said.error or AssessmentError(reasons.NO_ANSWER))

    def _record(self, done: list[Graded]) -> None:
        if not done:
            return
        for item, outcome in zip(done, self._outcomes.record_all(done), strict=True):
            if outcome is None:
                _log.warning("submission %s was graded by another worker", item.claim.id)
                continue
            _log.info(
                "submission %s: outcome %s, %g of %g points",
                item.claim.id,
                outcome.id,
                outcome.points,
                outcome.maximum,
            )
            self._tell(item.claim, "graded")

    def _fail(self, claim: Submission, error: AssessmentError) -> None:
        try:
            state = self._leases.fail(claim, str(error), final=error.final)
        except LeaseLostError as lost:
            _log.warning("%s", lost)
            return
        _log.warning("submission %s: %s; now %s", claim.id, error, state, exc_info=error.__cause__)
        self._tell(claim, state)

    def _put_back(self, claims: list[Submission]) -> None:
        for claim in claims:
            try:
                self._leases.release(claim)
            except LeaseLostError as lost:
                _log.warning("%s", lost)
            else:
                _log.info("submission %s: back to the queue", claim.id)

    def _tell(self, claim: Submission, state: str, **more: object) -> None:
        self._bell.tell({"submission": str(claim.id), "learner": claim.learner, "state": state, **more})
