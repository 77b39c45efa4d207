"""A line as arrays: what the meter must know of it while it counts."""

from __future__ import annotations

from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.production_line.places import NOWHERE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.production_line.places import Places
    from simulators.production_line.release import Order
    from simulators.production_line.scenario import ProductionLine

__all__ = ["MeasuredLine", "measured_line", "orders_of"]


class MeasuredLine(NamedTuple):
    """A line of ``S`` stations, ``T`` part types and ``O`` orders.

    Parameters
    ----------
    begin_s
        From when on it counts: the end of the warm-up.
    first_type
        Place of the first part type.
    station_of
        ``(M,)`` station of every machine.
    follows_steps
        Whether the service time depends on more than the station, so that parts must be followed along their routes.
    station_mean_s
        ``(S,)`` mean service time of the station itself.
    route_first
        ``(T,)`` where a type's route begins in the two columns below.
    step_station, step_mean_s
        ``(R,)`` station and mean service time of every step of every route.
    rework_station, most_reworks
        ``(S,)`` where inspection sends the parts that it rejects, `NOWHERE` to scrap, and how often.
    order_end
        ``(O,)`` number behind the last part of every order, in order.
    """

    begin_s: float
    first_type: int
    station_of: NDArray[np.int64]
    follows_steps: bool
    station_mean_s: NDArray[np.float64]
    route_first: NDArray[np.int64]
    step_station: NDArray[np.int64]
    step_mean_s: NDArray[np.float64]
    rework_station: NDArray[np.int64]
    most_reworks: NDArray[np.int64]
    order_end: NDArray[np.int64]


def measured_line(scenario: ProductionLine, places: Places) -> MeasuredLine:
    """Return a line as arrays."""
    number = {station.name: position for position, station in enumerate(scenario.stations)}
    mean_s = [station.service.mean_s for station in scenario.stations]
    steps = [step for route in places.routes for step in route]
    inspections = [station.inspection for station in scenario.stations]
    return MeasuredLine(
        scenario.warm_up_s,
        places.types[0],
        np.array([position for position, machines in enumerate(places.machines) for _ in machines]),
        any(step.service is not None for kind in scenario.types for step in kind.route),
        np.array(mean_s),
        np.array([0, *accumulate(len(route) for route in places.routes)])[:-1],
        np.array([station for station, _ in steps]),
        np.array([service.mean_s for _, service in steps]),
        np.array([NOWHERE if one is None or one.rework is None else number[one.rework] for one in inspections]),
        np.array([0 if one is None else one.most_reworks for one in inspections]),
        np.array(list(accumulate(order.quantity for order in orders_of(places))), np.int64),
    )


def orders_of(places: Places) -> list[Order]:
    """Return all orders, in the order in which their parts are numbered."""
    releases = [source.release for source in places.sources]
    return list(chain.from_iterable(release.orders for release in releases if release.kind == "orders"))
