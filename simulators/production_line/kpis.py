"""KPIs of a production line, all derived from its journal.

Every figure counts from the end of the warm-up to the horizon. A machine is in exactly one state at a time: down,
else working, else blocked (it holds a finished part), else starved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.kpi import Kpi
from simulators.production_line.events import Event, Places
from simulators.production_line.states import STATES, State, state_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line.scenario import ProductionLine

__all__ = ["kpis"]

SECONDS_PER_HOUR = 3600.0


def kpis(scenario: ProductionLine, journal: Journal) -> dict[str, Kpi]:
    """Measure a run.

    Parameters
    ----------
    scenario
        The line that ran.
    journal
        What happened.

    Returns
    -------
    ``throughput_per_h``, ``wip_mean``, ``lead_time_mean_s``, ``parts_made``, and for every station
    ``station.NAME.working_ratio``, ``.blocked_ratio``, ``.starved_ratio``, ``.down_ratio`` (means over its machines,
    together 1) and ``station.NAME.queue_mean``.
    """
    begin_s, end_s = scenario.warm_up_s, scenario.horizon_s
    span_s = end_s - begin_s
    released = _times(journal, Event.RELEASE)
    left = _times(journal, Event.EXIT)
    made = left.time_s >= begin_s
    lead_s = left.time_s - released.of(left.entity)
    parts = int(made.sum())
    found = {
        "throughput_per_h": Kpi(parts / span_s * SECONDS_PER_HOUR, "1/h"),
        "parts_made": Kpi(float(parts), "parts"),
        "lead_time_mean_s": Kpi(float(lead_s[made].mean()) if parts else float("nan"), "s"),
        "wip_mean": Kpi(_mean_level(released.time_s, left.time_s, begin_s, end_s), "parts"),
    }
    places = Places(scenario)
    for position, station in enumerate(scenario.stations):
        machines = places.machines[position]
        time_s = np.zeros(len(STATES))
        for place in machines:
            start_s, state = state_intervals(journal, place)
            stop_s = np.append(start_s[1:], end_s)
            length_s = np.clip(stop_s, begin_s, end_s) - np.clip(start_s, begin_s, end_s)
            time_s += np.bincount(state, weights=length_s, minlength=len(STATES))
        for code in State:
            name = f"station.{station.name}.{code.name.lower()}_ratio"
            found[name] = Kpi(float(time_s[code] / (span_s * len(machines))), "1")
        queued = journal.time_s[(journal.event == Event.QUEUE) & (journal.place == position)]
        taken = _times_out_of_buffer(journal, position, machines)
        found[f"station.{station.name}.queue_mean"] = Kpi(_mean_level(queued, taken, begin_s, end_s), "parts")
    return found


class _Times:
    """When each entity met an event."""

    def __init__(self, time_s: NDArray[np.float64], entity: NDArray[np.int64]) -> None:
        self.time_s = time_s
        self.entity = entity

    def of(self, entity: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the times for these entities, each of which must have met the event once."""
        order = np.argsort(self.entity, kind="stable")
        found: NDArray[np.float64] = self.time_s[order[np.searchsorted(self.entity[order], entity)]]
        return found


def _times(journal: Journal, event: Event) -> _Times:
    chosen = journal.event == event
    return _Times(journal.time_s[chosen], journal.entity[chosen])


def _times_out_of_buffer(journal: Journal, position: int, machines: tuple[int, ...]) -> NDArray[np.float64]:
    """Return when parts that had queued at the station were loaded, ``(N,)`` seconds."""
    queued = journal.entity[(journal.event == Event.QUEUE) & (journal.place == position)]
    started = (journal.event == Event.START) & np.isin(journal.place, machines)
    taken: NDArray[np.float64] = journal.time_s[started & np.isin(journal.entity, queued)]
    return taken


def _mean_level(up_s: NDArray[np.float64], down_s: NDArray[np.float64], begin_s: float, end_s: float) -> float:
    """Return the time-average of a count that rises at ``up_s`` and falls at ``down_s``."""
    area = (end_s - np.clip(up_s, begin_s, end_s)).sum() - (end_s - np.clip(down_s, begin_s, end_s)).sum()
    return float(area / (end_s - begin_s))
