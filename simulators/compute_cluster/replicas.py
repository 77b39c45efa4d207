"""How many replicas the services of a cluster have, followed through its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.events import (
    CANCEL,
    CLASS,
    END,
    INTERRUPT,
    KILL,
    PREEMPT,
    REJECT,
    RESUME,
    START,
    SUSPEND,
    Places,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.journal import Journal

__all__ = ["Replicas"]

SIZE_BEHIND_CLASS = 2
BEGINS = (START, RESUME)
GOES = (END, KILL, REJECT, CANCEL)
MOVES = (*BEGINS, INTERRUPT, PREEMPT, SUSPEND, *GOES)


class Replicas:
    """Follows the running tasks of the job classes that are services; keeps something for their live jobs only.

    Parameters
    ----------
    scenario
        The cluster.
    """

    def __init__(self, scenario: ComputeCluster) -> None:
        places = Places(scenario)
        classes = [places.names.index(f"class.{one.job_class}", places.first_class) for one in scenario.services]
        self._service = {place: number for number, place in enumerate(classes)}
        self._jobs: dict[int, tuple[int, int]] = {}  # service and tasks of each
        self._newcomer: tuple[int, int, int] | None = None  # job, service, and rows until the one that tells its size

    def changes(self, piece: Journal) -> Iterator[tuple[float, int, int]]:
        """Give, in order, at what time which service gained how many replicas; a loss is below 0."""
        event, entity = piece.event, piece.entity
        self._learn(piece)
        for row in np.flatnonzero(np.isin(event, MOVES) & np.isin(entity, list(self._jobs))).tolist():
            kind, job = int(event[row]), int(entity[row])
            service, tasks = self._jobs[job]
            if kind in GOES:
                del self._jobs[job]
            if kind not in (REJECT, CANCEL):
                yield float(piece.time_s[row]), service, tasks if kind in BEGINS else -tasks

    def _learn(self, piece: Journal) -> None:
        """Take note of new jobs; a piece may end between the rows that tell a job's class and its size."""
        newcomers = [] if self._newcomer is None else [self._newcomer]
        for row in np.flatnonzero((piece.event == CLASS) & np.isin(piece.place, list(self._service))).tolist():
            service = self._service[int(piece.place[row])]
            newcomers.append((int(piece.entity[row]), service, row + SIZE_BEHIND_CLASS))
        self._newcomer = None
        for job, service, size_row in newcomers:
            if size_row < len(piece):
                self._jobs[job] = service, int(piece.entity[size_row])
            else:
                self._newcomer = job, service, size_row - len(piece)
