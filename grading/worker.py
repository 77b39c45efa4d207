"""The worker: ``python -m grading.worker`` re-simulates what was submitted and appends the outcomes."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from grading.assessment import Assessor
from grading.bell import Bell
from grading.database import Database
from grading.leases import Leases
from grading.logs import configure
from grading.policy_launchers import choose_launcher
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds
from grading.settings import GradingSettings
from grading.shelf import Shelf
from grading.spare_time import SpareTime
from grading.studies import Studies
from grading.turn import Turn

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Worker"]

_IDLE_S = 1.0
_BATCH = 32

_log = logging.getLogger(__name__)


class Worker:
    """Takes waiting submissions, several of one lab at a time; with none, finds hints and previews regrades.

    Parameters
    ----------
    database
        The database.
    sandbox
        Where decisions are simulated.
    assessor
        Names the studies of decisions, so that stored ones are found.
    bell
        Wakes the worker when something was submitted.
    lease_s
        Seconds after which others may take a submission over; renewed at a third of it.
    timeout_s
        Seconds that one simulation may take.
    """

    def __init__(
        self,
        database: Database,
        sandbox: Sandbox,
        assessor: Assessor,
        bell: Bell,
        *,
        lease_s: float,
        timeout_s: float,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._leases = Leases(database)
        self._sandbox = sandbox
        self._bell = bell
        self._lease_s = lease_s
        self._stopped = threading.Event()
        self._turn = Turn(database, sandbox, assessor, bell, self._stopped, lease_s=lease_s, timeout_s=timeout_s)
        self.spare = SpareTime(database, sandbox, assessor, self._stopped, lease_s=lease_s, timeout_s=timeout_s)
        self._seen_at = -float("inf")

    def stop(self) -> None:
        """Ask the worker to end soon; submissions at work go back to the queue."""
        self._stopped.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopped.is_set():
            try:
                worked = self.step() or self.spare.step(self.name)
            except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
                # Answers of a batch that is given up must not be taken for those of the next one.
                self._sandbox.kill()
                _log.warning("the database does not answer, trying again in %g s: %s", _IDLE_S, error.orig)
                self._stopped.wait(_IDLE_S)
                continue
            if not worked:
                self._bell.wait(_IDLE_S)
        self._sandbox.kill()
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self._leases.gone(self.name)

    def step(self) -> bool:
        """Grade some submissions; False where none waits."""
        now = time.monotonic()
        if now - self._seen_at > self._lease_s / 3:
            self._leases.seen(self.name)
            self._seen_at = now
        claims = self._leases.claim_batch(self.name, self._lease_s, _BATCH)
        if not claims:
            return False
        _log.info("%d submissions of %s, first %s, try %d", len(claims), claims[0].lab, claims[0].id, claims[0].tries)
        self._turn.grade(claims)
        return True


def main() -> None:
    """Run a worker with the settings of the environment until SIGTERM or SIGINT."""
    settings = GradingSettings()
    configure(settings.log_format)
    database = Database(settings.database)
    database.upgrade()
    bell = Bell(settings.redis_url)
    seeds = HeldOutSeeds.read(settings.secret_file)
    labs = Shelf.read(settings.catalog).labs
    assessor = Assessor(settings.catalog, seeds)
    for slug in labs:  # before anything is leased: on a busy machine, reading a lab takes longer than a short lease
        assessor.bench(slug)
    worker = Worker(
        database,
        Sandbox(settings.catalog, seeds, choose_launcher(settings.policy_sandbox, settings.policy_image)),
        assessor,
        bell,
        lease_s=settings.grading_lease_s,
        timeout_s=settings.grading_timeout_s,
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    offered = [lab.digest for lab in labs.values()]
    if forgotten := Studies(database).forget_all_but(offered):
        _log.info("%d stored studies belonged to labs that have changed and are removed", forgotten)
    _log.info("worker %s is ready", worker.name)
    worker.run()
    bell.close()
    database.close()
    _log.info("worker %s has ended", worker.name)


if __name__ == "__main__":
    main()
