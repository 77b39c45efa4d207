"""What a worker does when no submission waits: it previews regrades and finds hints."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from grading import reasons
from grading.errors import AssessmentError, SandboxStartError
from grading.hints import Hints
from grading.regrades import Regrades
from grading.sandbox import Answer, Job
from grading.studies import Studies
from grading.submissions import Submissions
from grading.turn import key_of

if TYPE_CHECKING:
    import threading

    from grading.assessment import Assessor
    from grading.database import Database
    from grading.sandbox import Sandbox

__all__ = ["SpareTime"]

_ATTENTION_S = 0.2

_log = logging.getLogger(__name__)


class SpareTime:
    """Work that can wait; parameters as of `grading.worker.Worker`.

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
        stopped: threading.Event,
        *,
        lease_s: float,
        timeout_s: float,
    ) -> None:
        self._submissions = Submissions(database)
        self._regrades = Regrades(database)
        self._hints = Hints(database)
        self._studies = Studies(database)
        self._sandbox = sandbox
        self._assessor = assessor
        self._stopped = stopped
        # Nobody renews these leases: what is done in spare time ends within them or is given up.
        self._lease_s = max(lease_s, 2 * timeout_s)
        self._timeout_s = timeout_s

    def step(self, owner: str) -> bool:
        """Do one thing; False where there is nothing to do."""
        return self._regrade(owner) or self._hint()

    def _regrade(self, owner: str) -> bool:
        item = self._regrades.claim(owner, self._lease_s)
        if item is None:
            return False
        key = key_of(self._assessor, item.lab, item.decision)
        known = self._studies.find([key] if key else []).get(key or "")
        try:
            answer = self._answer(Job(item.lab, item.decision, known), patient=True)
        except AssessmentError as error:
            self._regrades.fail(item, str(error), final=error.final)
            return True
        if answer is None or answer.assessment is None:
            self._regrades.release(item)
            return False
        self._regrades.preview(item, asdict(answer.assessment))
        return True

    def _hint(self) -> bool:
        wanted = self._hints.claim(self._lease_s)
        if wanted is None:
            return False
        key, lab, decision = wanted
        if key_of(self._assessor, lab, decision) != key:
            self._hints.put(key, None)  # the lab has changed since: nobody can try that lab again
            return True
        try:
            answer = self._answer(Job(lab, decision, hint=True), patient=False)
        except AssessmentError as error:
            _log.warning("no hint for a decision of %s: %s", lab, error, exc_info=error.__cause__)
            self._hints.put(key, None)
            return True
        if answer is None or answer.hint is None:
            self._hints.release(key)
            return True
        self._hints.put(key, answer.hint)
        return True

    def _answer(self, job: Job, *, patient: bool) -> Answer | None:
        """Return what the sandbox makes of a job; None where something more important came."""
        try:
            self._sandbox.start([job])
            began = time.monotonic()
            asked = patient
            while not isinstance(said := self._sandbox.wait(_ATTENTION_S), Answer):
                now = time.monotonic()
                if not self._sandbox.ready:
                    began = now
                if now - began > self._timeout_s:
                    self._sandbox.kill()
                    reason = reasons.TOO_LONG % {"seconds": f"{self._timeout_s:g}"}
                    raise AssessmentError(reason)
                if self._stopped.is_set():
                    self._sandbox.kill()
                    return None
                if not asked and self._submissions.waiting():
                    self._sandbox.interrupt()
                    asked = True
        except SandboxStartError as error:
            _log.error("%s", error)
            self._stopped.wait(1.0)
            return None
        if said.error is not None:
            raise said.error
        return said
