"""KPIs of a production line, all derived from its journal, named after ISO 22400-2 where that has a name.

Every figure counts from the end of the warm-up to the horizon. A figure that belongs to a feature (quality, orders,
energy, set-ups, people, …) is there only where the scenario uses it. NaN is what the run gives no figure for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.kpi import Kpi
from simulators.production_line.attendance import utilisations
from simulators.production_line.columns import AREA, ENDED, FIRST_PASS, OUT_DEFECTIVE, REWORKED, SCRAPPED
from simulators.production_line.counting import count
from simulators.production_line.energy import energy_wh
from simulators.production_line.measured import measured
from simulators.production_line.measured_line import measured_line, orders_of
from simulators.production_line.places import NOWHERE, Places
from simulators.production_line.states import State, states_of
from simulators.production_line.tally import new_tally, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulators.journal import Journal
    from simulators.production_line.measured import Measured
    from simulators.production_line.scenario import ProductionLine
    from simulators.production_line.station import Station
    from simulators.production_line.tally import Tally

    Found = Iterator[tuple[str, Kpi]]

__all__ = ["LineMeter"]

SECONDS_PER_HOUR = 3600.0


class LineMeter:
    """Measures a line while its events come in.

    Parameters
    ----------
    scenario
        The line that runs.
    """

    def __init__(self, scenario: ProductionLine) -> None:
        self._scenario = scenario
        self._places = Places(scenario)
        self._line = measured_line(scenario, self._places)
        self._tally = new_tally(self._line, len(self._places.names))

    def add(self, piece: Journal) -> None:
        """Count the next events."""
        self._tally = count(self._line, self._tally, piece)

    def kpis(self) -> dict[str, Kpi]:
        """Return the figures; ``docs/production_line.md`` defines each."""
        scenario, places = self._scenario, self._places
        tally = settle(self._line, self._tally, scenario.horizon_s)
        stations = measured(scenario, tally)
        found = dict(_line_kpis(scenario, tally))
        found |= _quality_kpis(scenario, tally)
        found |= _order_kpis(scenario, places, tally)
        found |= _energy_kpis(scenario, tally, stations)
        span_s = scenario.horizon_s - scenario.warm_up_s
        areas = tally.level[:, AREA].tolist()
        for position, station in enumerate(scenario.stations):
            root = f"station.{station.name}."
            for name, kpi in _station_kpis(station, stations[position]):
                found[root + name] = kpi
            for name, place in _levels(scenario, places, position):
                found[root + name] = Kpi(areas[place] / span_s, "parts")
        for crew, ratio in utilisations(scenario, stations):
            found[f"crew.{crew}.utilisation"] = Kpi(ratio, "1")
        return found


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _line_kpis(scenario: ProductionLine, tally: Tally) -> Found:
    span_s = scenario.horizon_s - scenario.warm_up_s
    made, lead_s = tally.made.tolist(), tally.lead_s.tolist()
    parts = float(sum(made))
    yield "throughput_per_h", Kpi(parts / span_s * SECONDS_PER_HOUR, "1/h")
    yield "parts_made", Kpi(parts, "parts")
    yield "lead_time_mean_s", Kpi(_ratio(sum(lead_s), parts), "s")
    yield "wip_mean", Kpi(float(tally.level[-1, AREA]) / span_s, "parts")
    if len(scenario.types) == 1:
        return
    for number, kind in enumerate(scenario.types):
        if kind.feeds is None:  # components do not leave the line by themselves
            yield f"type.{kind.name}.throughput_per_h", Kpi(made[number] / span_s * SECONDS_PER_HOUR, "1/h")
            yield f"type.{kind.name}.lead_time_mean_s", Kpi(_ratio(lead_s[number], made[number]), "s")


def _has_quality(station: Station) -> bool:
    return station.defect_probability > 0 or station.inspection is not None


def _quality_kpis(scenario: ProductionLine, tally: Tally) -> Found:
    if not any(_has_quality(station) for station in scenario.stations):
        return
    ended = int(tally.parts[ENDED])
    for name, column in (("scrap_ratio", SCRAPPED), ("rework_ratio", REWORKED), ("first_pass_yield", FIRST_PASS)):
        yield name, Kpi(_ratio(int(tally.parts[column]), ended), "1")
    yield "outgoing_defect_ratio", Kpi(_ratio(int(tally.parts[OUT_DEFECTIVE]), int(tally.made.sum())), "1")


def _order_kpis(scenario: ProductionLine, places: Places, tally: Tally) -> Found:
    """Judge the orders that ended after the warm-up, and as late by then those that are overdue at the horizon."""
    due_s = np.array([order.due_s for order in orders_of(places)])
    if not len(due_s):
        return
    ended = tally.order_end_s >= scenario.warm_up_s
    judged = ended | (np.isnan(tally.order_end_s) & (due_s < scenario.horizon_s))
    tardiness_s = np.maximum(0.0, np.where(ended, tally.order_end_s, scenario.horizon_s) - due_s)[judged]
    yield "orders_done", Kpi(float(ended.sum()), "orders")
    yield "orders_late_ratio", Kpi(_ratio(int((tardiness_s > 0).sum()), len(tardiness_s)), "1")
    yield "tardiness_mean_s", Kpi(_ratio(float(tardiness_s.sum()), len(tardiness_s)), "s")


def _energy_kpis(scenario: ProductionLine, tally: Tally, stations: Sequence[Measured]) -> Found:
    if not any(station.power for station in scenario.stations):
        return
    spent_wh = sum(energy_wh(one.power, of.state_s) for one, of in zip(scenario.stations, stations, strict=True))
    yield "energy_wh", Kpi(spent_wh, "Wh")
    yield "energy_per_part_wh", Kpi(_ratio(spent_wh, int(tally.made.sum())), "Wh")


def _station_kpis(station: Station, of: Measured) -> Found:
    for state in states_of(station):
        yield RATIOS[state], Kpi(of.state_s[state] / of.span_s, "1")
    busy_s = of.span_s - of.state_s[State.OFF] - of.state_s[State.MAINTENANCE]  # planned busy time
    working_s = of.state_s[State.WORKING]
    yield "availability", Kpi(_ratio(working_s, busy_s), "1")
    yield "effectiveness", Kpi(_ratio(of.planned_s, working_s), "1")
    good = _ratio(of.produced - of.spoilt, of.produced)
    if _has_quality(station):
        yield "quality_ratio", Kpi(good, "1")
    yield "oee", Kpi(_ratio(of.planned_s * good if of.produced else 0.0, busy_s), "1")
    if station.failures is not None:
        up_s = working_s if station.failures.clock == "operation" else of.span_s - of.down_s
        yield "mtbf_s", Kpi(_ratio(up_s, of.failures), "s")
        yield "mttr_s", Kpi(_ratio(of.repair_s, of.repairs), "s")
    if station.power is not None:
        yield "energy_wh", Kpi(energy_wh(station.power, of.state_s), "Wh")


RATIOS = [f"{state.name.lower()}_ratio" for state in State]


def _levels(scenario: ProductionLine, places: Places, position: int) -> Iterator[tuple[str, int]]:
    """Give the places of a station where parts wait, by the name of their KPI."""
    yield "queue_mean", position
    if places.conveyors[position] != NOWHERE:
        yield "conveyor_mean", places.conveyors[position]
    if places.stores[position] != NOWHERE:
        yield "store_mean", places.stores[position]
    for kind, place in places.components[position].items():
        yield f"components.{scenario.types[kind].name}.queue_mean", place
