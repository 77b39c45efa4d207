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

    def changes(self, piece: Journal) -> Iterator[tuple[float, int, int]]:
        """Give, in order, at what time which service gained how many replicas; a loss is below 0."""
        event, entity = piece.event, piece.entity
        for row in np.flatnonzero((event == CLASS) & np.isin(piece.place, list(self._service))).tolist():
            # A job's properties are handed on together.
            self._jobs[int(entity[row])] = self._service[int(piece.place[row])], int(entity[row + SIZE_BEHIND_CLASS])
        for row in np.flatnonzero(np.isin(event, MOVES) & np.isin(entity, list(self._jobs))).tolist():
            kind, job = int(event[row]), int(entity[row])
            service, tasks = self._jobs[job]
            if kind in GOES:
                del self._jobs[job]
            if kind not in (REJECT, CANCEL):
                yield float(piece.time_s[row]), service, tasks if kind in BEGINS else -tasks
