"""Where visitors were and when: stays, time series and heat over the places of a garden, from the journal of a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden.events import Event, Places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.journal import Journal

__all__ = ["Stays", "TimeSeries", "heat_h_m2", "stays", "time_series"]

SECONDS_PER_HOUR = 3600.0
COMING = [Event.QUEUE, Event.WALK, Event.WALK_BACK, Event.VISIT]
MOVING = [*COMING, Event.CHECK, Event.GIVE_UP, Event.WAIT, Event.FULL, Event.EXIT]


@dataclass(frozen=True)
class Stays:
    """``M`` stays of parties in places: a gate's queue, a scene, a path.

    Parameters
    ----------
    place
        ``(M,)`` index into the journal's places.
    begin_s, end_s
        ``(M,)`` times of day.
    visitors
        ``(M,)`` visitors in the party.
    """

    place: NDArray[np.int64]
    begin_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    visitors: NDArray[np.int64]


@dataclass(frozen=True)
class TimeSeries:
    """Visitors at ``T`` moments; ``L`` gates, scenes and paths.

    Parameters
    ----------
    time_s
        ``(T,)`` times of day.
    inside
        ``(T,)`` in the garden.
    visitors
        ``(T, L)`` in each place; for gates in the queue.
    """

    time_s: NDArray[np.float64]
    inside: NDArray[np.int64]
    visitors: NDArray[np.int64]


def stays(journal: Journal, scenario: HeritageGarden) -> Stays:
    """Follow every party from place to place.

    Parameters
    ----------
    journal
        What happened.
    scenario
        The garden; whoever is still in a place at its horizon stays until then.
    """
    moves = np.isin(journal.event, MOVING)
    event, entity = journal.event[moves], journal.entity[moves]
    order = np.argsort(entity, kind="stable")
    event, entity = event[order], entity[order]
    time_s, place = journal.time_s[moves][order], journal.place[moves][order].astype(np.int64)
    end_s = np.append(time_s[1:], scenario.horizon_s)
    end_s[np.append(entity[1:] != entity[:-1], True)[: len(entity)]] = scenario.horizon_s
    coming = np.isin(event, COMING)
    return Stays(place[coming], time_s[coming], end_s[: len(event)][coming], _sizes(journal, entity[coming]))


def _sizes(journal: Journal, leader: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many visitors each party has."""
    first = journal.event == Event.ARRIVE
    party = np.cumsum(first) - 1
    size = np.bincount(party[first | (journal.event == Event.JOIN)])
    found: NDArray[np.int64] = size[np.searchsorted(journal.entity[first], leader)]
    return found


def time_series(journal: Journal, scenario: HeritageGarden, *, step_s: float = 300.0) -> TimeSeries:
    """Count visitors at even steps of the day.

    Parameters
    ----------
    journal
        What happened.
    scenario
        The garden.
    step_s
        Time from one count to the next.
    """
    time_s = np.arange(0.0, scenario.horizon_s, step_s)
    found = stays(journal, scenario)
    many = Places(scenario).segments_from
    change = np.zeros((len(time_s) + 1, many), np.int64)
    np.add.at(change, (np.searchsorted(time_s, found.begin_s), found.place), found.visitors)
    np.subtract.at(change, (np.searchsorted(time_s, found.end_s), found.place), found.visitors)
    inside = np.zeros(len(time_s) + 1, np.int64)
    for event, way in ((Event.ENTER, 1), (Event.EXIT, -1)):
        rows = journal.event == event
        np.add.at(inside, np.searchsorted(time_s, journal.time_s[rows]), way * _sizes(journal, journal.entity[rows]))
    return TimeSeries(time_s, np.cumsum(inside)[:-1], np.cumsum(change, axis=0)[:-1])


def heat_h_m2(journal: Journal, scenario: HeritageGarden) -> NDArray[np.float64]:
    """Return the visitor-hours on each square metre of the places ``(L,)``, 0 for gates."""
    garden, places = scenario.garden, Places(scenario)
    found = stays(journal, scenario)
    hours = np.zeros(places.segments_from)
    np.add.at(hours, found.place, found.visitors * (found.end_s - found.begin_s) / SECONDS_PER_HOUR)
    hours[: places.scenes_from] = 0.0
    area_m2 = [scene.usable_area_m2 for scene in garden.scenes]
    area_m2 += [path.length_m * path.width_m for path in garden.paths]
    found_h_m2: NDArray[np.float64] = hours / np.array([*[1.0] * places.scenes_from, *area_m2])
    return found_h_m2
