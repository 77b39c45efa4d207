"""KPIs of a production line, all derived from its journal.

Every figure counts from the end of the warm-up to the horizon. A machine is in exactly one state at a time: down,
else working, else blocked (it holds a finished part), else starved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from simulators.kpi import Kpi
from simulators.production_line.events import EXIT, FAIL, FINISH, LEAVE, QUEUE, RELEASE, START, Places
from simulators.production_line.states import STATES, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line.scenario import ProductionLine

__all__ = ["kpis"]

SECONDS_PER_HOUR = 3600.0

STARVED, WORKING, BLOCKED, DOWN = int(State.STARVED), int(State.WORKING), int(State.BLOCKED), int(State.DOWN)


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
    stations = len(scenario.stations)
    places = Places(scenario)
    state_s = np.zeros((len(places.names) - stations, len(STATES)))
    queue_area = np.zeros(stations)
    columns = (journal.time_s, journal.event, journal.entity, journal.place)
    parts, lead_s, wip_area = _measure(*columns, begin_s, end_s, state_s, queue_area)
    found = {
        "throughput_per_h": Kpi(parts / span_s * SECONDS_PER_HOUR, "1/h"),
        "parts_made": Kpi(float(parts), "parts"),
        "lead_time_mean_s": Kpi(lead_s / parts if parts else float("nan"), "s"),
        "wip_mean": Kpi(wip_area / span_s, "parts"),
    }
    for position, station in enumerate(scenario.stations):
        machines = [place - stations for place in places.machines[position]]
        shares = state_s[machines].sum(axis=0) / (span_s * len(machines))
        for code in State:
            found[f"station.{station.name}.{code.name.lower()}_ratio"] = Kpi(float(shares[code]), "1")
        found[f"station.{station.name}.queue_mean"] = Kpi(float(queue_area[position] / span_s), "parts")
    return found


@njit(cache=True)
def _measure(
    time_s: NDArray[np.float64],
    event: NDArray[np.int16],
    entity: NDArray[np.int64],
    place: NDArray[np.int32],
    begin_s: float,
    end_s: float,
    state_s: NDArray[np.float64],
    queue_area: NDArray[np.float64],
) -> tuple[int, float, float]:
    """Go through the journal once.

    Adds to ``state_s`` ``(M, states)`` and ``queue_area`` ``(S,)``, part seconds; returns the parts made, the sum of
    their lead times in seconds, and the integral of the parts in the line, part seconds.
    """
    machines, stations = len(state_s), len(queue_area)
    parts = 1
    for row in range(len(entity)):
        parts = max(parts, entity[row] + 1)
    released_s = np.zeros(parts)
    waits_in = np.full(parts, -1)
    holding = np.full(machines, STARVED)
    down = np.zeros(machines, np.bool_)
    since_s = np.full(machines, begin_s)
    queued = np.zeros(stations)
    queued_since_s = np.full(stations, begin_s)
    made, lead_s, wip, wip_since_s, wip_area = 0, 0.0, 0, begin_s, 0.0
    for row in range(len(event)):
        kind, part, here = event[row], entity[row], place[row]
        now_s = max(time_s[row], begin_s)
        if kind in (RELEASE, EXIT):
            wip_area += wip * (now_s - wip_since_s)
            wip_since_s = now_s
            if kind == RELEASE:
                released_s[part] = time_s[row]
                wip += 1
            else:
                wip -= 1
                if time_s[row] >= begin_s:
                    made += 1
                    lead_s += time_s[row] - released_s[part]
            continue
        station = here if kind == QUEUE else waits_in[part] if kind == START else -1
        if station >= 0:
            queue_area[station] += queued[station] * (now_s - queued_since_s[station])
            queued_since_s[station] = now_s
            queued[station] += 1 if kind == QUEUE else -1
            waits_in[part] = station if kind == QUEUE else -1
        if kind == QUEUE:
            continue
        machine = here - stations
        state = DOWN if down[machine] else holding[machine]
        state_s[machine, state] += now_s - since_s[machine]
        since_s[machine] = now_s
        if kind == START:
            holding[machine] = WORKING
        elif kind == FINISH:
            holding[machine] = BLOCKED
        elif kind == LEAVE:
            holding[machine] = STARVED
        else:
            down[machine] = kind == FAIL
    for machine in range(machines):
        state = DOWN if down[machine] else holding[machine]
        state_s[machine, state] += end_s - since_s[machine]
    for station in range(stations):
        queue_area[station] += queued[station] * (end_s - queued_since_s[station])
    return made, lead_s, wip_area + wip * (end_s - wip_since_s)
