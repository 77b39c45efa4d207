"""How busy crews were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.production_line.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulators.production_line.crew import Crew, Shift
    from simulators.production_line.measured import Measured
    from simulators.production_line.scenario import ProductionLine
    from simulators.production_line.station import Station

__all__ = ["duty_s", "utilisations"]


def utilisations(scenario: ProductionLine, stations: Sequence[Measured]) -> Iterator[tuple[str, float]]:
    """Give by crew the share of its members' time on duty in which they were busy; overtime may lift it above 1.

    The journal tells when a machine is attended to, not by whom, nor when somebody comes to a maintenance. So crews
    that share a skill which is needed with others, or that do maintenance, are left out.
    """
    needed = {skill for station in scenario.stations for skill in _skills(station)}
    for crew in scenario.crews:
        mine = needed.intersection(crew.skills)
        shared = any(mine.intersection(other.skills) for other in scenario.crews if other is not crew)
        maintains = any(station.maintenance and station.maintenance.skill in mine for station in scenario.stations)
        if not mine or shared or maintains:
            continue
        busy_s = sum(_busy_s(station, of, mine) for station, of in zip(scenario.stations, stations, strict=True))
        on_s = _on_duty_s(scenario, crew)
        yield crew.name, busy_s / (crew.members * on_s) if on_s else float("nan")


def _skills(station: Station) -> Iterator[str]:
    tasks = (station.setup, station.failures, station.maintenance)
    for skill in (station.service_skill, *(task.skill for task in tasks if task is not None)):
        if skill is not None:
            yield skill


def _busy_s(station: Station, measured: Measured, skills: set[str]) -> float:
    """Return how long people with these skills were busy at a station."""
    busy_s = 0.0
    if station.service_skill in skills:
        busy_s += measured.state_s[State.WORKING]
    if station.setup is not None and station.setup.skill in skills:
        busy_s += measured.state_s[State.SETUP]
    if station.failures is not None and station.failures.skill in skills:
        busy_s += measured.mending_s
    return busy_s


def _on_duty_s(scenario: ProductionLine, crew: Crew) -> float:
    if crew.shift is None:
        return scenario.horizon_s - scenario.warm_up_s
    (shift,) = (shift for shift in scenario.shifts if shift.name == crew.shift)
    return duty_s(shift, scenario.horizon_s) - duty_s(shift, scenario.warm_up_s)


def duty_s(shift: Shift, until_s: float) -> float:
    """Return how long a shift works from time 0 on, in seconds.

    Examples
    --------
    >>> from simulators.production_line import Shift
    >>> early = Shift(name="early", cycle_s=100, periods=[{"start_s": 10, "end_s": 40}])
    >>> duty_s(early, 100), duty_s(early, 220)
    (30.0, 70.0)
    """
    cycles, rest_s = divmod(until_s, shift.cycle_s)
    whole_s = sum(period.end_s - period.start_s for period in shift.periods)
    return cycles * whole_s + sum(max(0.0, min(period.end_s, rest_s) - period.start_s) for period in shift.periods)
