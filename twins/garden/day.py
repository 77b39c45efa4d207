"""A window of a garden's day in three dimensions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden import Event
from twins.errors import LookError
from twins.garden.scene import build_garden
from twins.garden.season import SEASONS
from twins.garden.visitors import crowd

if TYPE_CHECKING:
    from simulators import Run
    from simulators.heritage_garden import HeritageGarden
    from simulators.journal import Journal
    from twins.scene import Movers, Scene

__all__ = ["busiest_s", "garden_movers", "garden_scene"]

SECONDS_PER_HOUR = 3600.0
SEASON, HOUR = "season", "hour"


def garden_scene(
    scenario: HeritageGarden,
    journal: Journal,
    start_s: float,
    end_s: float,
    *,
    season: str | None = None,
    hour: float | None = None,
) -> Scene:
    """Build the scene of a window of a day.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    journal
        What happened.
    start_s, end_s
        The window, times of day in seconds.
    season
        ``spring``, ``summer``, ``autumn`` or ``winter``; the scenario's unless given.
    hour
        Of the day by whose light it is seen, 0 to 24; that of the window's middle unless given.

    Returns
    -------
    A scene with movers ``visitors`` and, where groups are shown round, ``guides``; its targets have the names of the
    journal's scenes and gates.

    Raises
    ------
    LookError
        There is no such season or hour.
    """
    seen = scenario.season if season is None else season
    if seen not in SEASONS:
        raise LookError(SEASON, seen, f"one of: {', '.join(SEASONS)}")
    at = (start_s + end_s) / 2 / SECONDS_PER_HOUR if hour is None else hour
    if not 0 <= at <= 24:
        raise LookError(HOUR, at, "from 0 to 24")
    grounds = build_garden(scenario.garden, seen, at)
    found = crowd(scenario, journal, start_s, end_s)
    return replace(grounds.scene, movers=found.movers, start_s=start_s, end_s=end_s)


def garden_movers(scenario: HeritageGarden, journal: Journal, start_s: float, end_s: float) -> tuple[Movers, ...]:
    """Return only the movers of such a scene: what stands takes a second to build, and does not change.

    Parameters
    ----------
    scenario, journal, start_s, end_s
        As for :func:`garden_scene`.
    """
    return crowd(scenario, journal, start_s, end_s).movers


def busiest_s(run: Run, span_s: float) -> float:
    """Return when that span of a day begins, in steps of the span, in which most scenes are visited; seconds."""
    begins_s = np.arange(0.0, max(run.scenario.horizon_s - span_s, 0.0) + 1.0, span_s)
    visits_s = run.journal.time_s[run.journal.event == Event.VISIT]
    many = np.diff(np.searchsorted(visits_s, np.append(begins_s, begins_s[-1] + span_s)))
    return float(begins_s[np.argmax(many)])
