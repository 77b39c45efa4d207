"""KPIs of a garden's day, all derived from its journal in one pass.

Every figure counts from the end of the warm-up to the horizon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden import counting
from simulators.heritage_garden.air import OUTDOOR_PPM, noise_db
from simulators.heritage_garden.counting import TOTALS, Crowds, Ground, Halls, Live, count, settle
from simulators.heritage_garden.events import Places
from simulators.heritage_garden.service_level import LEVELS
from simulators.heritage_garden.sightlines import outlooks
from simulators.kpi import Kpi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.journal import Journal

__all__ = ["GardenMeter"]

SECONDS_PER_HOUR = 3600.0
NOBODY = -1
AT_FIRST = 1 << 12  # parties that there is room for; more are made room for


class GardenMeter:
    """Measures a day while its events come in.

    Parameters
    ----------
    scenario
        The garden.
    """

    def __init__(self, scenario: HeritageGarden) -> None:
        self._scenario = scenario
        self._places = Places(scenario)
        self._ground = _ground(scenario, self._places)
        self._totals = np.zeros(TOTALS)
        self._totals[counting.ALARM_S] = np.nan
        self._live = _live(AT_FIRST)
        self._crowds = _crowds(self._places)
        self._halls = _halls(scenario)

    def add(self, piece: Journal) -> None:
        """Count the next events."""
        done = 0
        while True:
            columns = piece.time_s, piece.event, piece.entity, piece.place
            done = count(*columns, done, self._ground, self._totals, self._live, self._crowds, self._halls)
            if done == len(piece):
                return
            self._live = _roomier(self._live)

    def kpis(self) -> dict[str, Kpi]:
        """Return the figures of the day; see ``docs/heritage_garden.md`` for their meaning."""
        settle(self._ground, self._totals, self._crowds, self._halls)
        return {**self._of_the_garden(), **self._of_the_crowd(), **self._of_the_places()}

    def _of_the_garden(self) -> dict[str, Kpi]:
        scenario, totals = self._scenario, self._totals
        capacity, daily = scenario.garden.instantaneous_capacity, scenario.daily_capacity
        begin_s = max(scenario.opens_s, scenario.warm_up_s)
        open_s = max(min(scenario.closes_s, scenario.horizon_s) - begin_s, 0.0)
        left, entered, checked = totals[counting.LEFT], totals[counting.ENTERED], totals[counting.CHECKED]
        found = {
            "visitors": Kpi(float(entered), "visitors"),
            "visitors_refused": Kpi(float(totals[counting.REFUSED]), "visitors"),
            "visitors_gave_up": Kpi(float(totals[counting.GAVE_UP]), "visitors"),
            "inside_peak": Kpi(float(totals[counting.INSIDE_PEAK]), "visitors"),
            "inside_mean": Kpi(_share(totals[counting.INSIDE_S], open_s), "visitors"),
            "inside_at_end": Kpi(float(totals[counting.INSIDE]), "visitors"),
            "instantaneous_capacity_ratio": Kpi(float(totals[counting.INSIDE_PEAK] / capacity), "1"),
            "daily_capacity_ratio": Kpi(float(entered / daily), "1"),
            "over_capacity_h": Kpi(float(totals[counting.OVER_S] / SECONDS_PER_HOUR), "h"),
            "gate_wait_mean_s": Kpi(_share(totals[counting.WAITED_S], checked), "s"),
            "gate_wait_long_ratio": Kpi(_share(totals[counting.LONG_WAITED], checked), "1"),
            "path_wait_mean_s": Kpi(_share(totals[counting.PATH_WAIT_S], left), "s"),
            "stay_mean_s": Kpi(_share(totals[counting.STAYED_S], left), "s"),
            "scenes_seen_mean": Kpi(_share(totals[counting.SEEN], left), "scenes"),
            "views_seen_mean": Kpi(_share(totals[counting.VIEWS], left), "views"),
            "satisfaction": Kpi(_share(totals[counting.CONTENT], totals[counting.JUDGED]), "1"),
            "fragile_footfall": Kpi(float(totals[counting.WEAR]), "visitors"),
            "revenue_cny": Kpi(float(totals[counting.REVENUE]), "CNY"),
        }
        alarm_s = float(totals[counting.ALARM_S])
        if alarm_s == alarm_s:  # there has been one
            last_s = scenario.horizon_s if totals[counting.INSIDE] else max(totals[counting.LAST_EXIT_S], alarm_s)
            found["evacuation_time_s"] = Kpi(float(last_s - alarm_s), "s")
        return found

    def _of_the_crowd(self) -> dict[str, Kpi]:
        hours = (self._crowds.level_s / SECONDS_PER_HOUR).tolist()
        found = {
            f"service_level_{letter.lower()}_person_h": Kpi(value, "h")
            for letter, value in zip(LEVELS, hours, strict=True)
        }
        found["crowded_person_h"] = Kpi(hours[4] + hours[5], "h")
        return found

    def _of_the_places(self) -> dict[str, Kpi]:
        garden, crowds, halls = self._scenario.garden, self._crowds, self._halls
        found: dict[str, Kpi] = {}
        for place, gate in enumerate(garden.gates):
            if gate.entrance:
                waited_s, checked = crowds.wait_s[place]
                found[f"gate.{gate.name}.wait_mean_s"] = Kpi(_share(waited_s, checked), "s")
                found[f"gate.{gate.name}.queue_peak"] = Kpi(float(crowds.peak[place]), "visitors")
        for place, scene in enumerate(garden.scenes, self._places.scenes_from):
            name = f"scene.{scene.name}"
            found[f"{name}.visits"] = Kpi(float(crowds.visits[place]), "visitors")
            found[f"{name}.visitors_peak"] = Kpi(float(crowds.peak[place]), "visitors")
            found[f"{name}.person_h"] = Kpi(float(crowds.person_s[place] / SECONDS_PER_HOUR), "h")
            found[f"{name}.over_capacity_h"] = Kpi(float(crowds.over_s[place] / SECONDS_PER_HOUR), "h")
            hall = self._ground.hall[place]
            if scene.indoors is not None:
                noise = noise_db(int(crowds.peak[place]), float(halls.volume_m3[hall]), scene.indoors.reverberation_s)
                found[f"{name}.co2_peak_ppm"] = Kpi(float(halls.peak_ppm[hall]), "ppm")
                found[f"{name}.co2_over_h"] = Kpi(float(halls.over_s[hall] / SECONDS_PER_HOUR), "h")
                found[f"{name}.noise_peak_db"] = Kpi(noise, "dB")
        for place, path in enumerate(garden.paths, self._places.paths_from):
            density = float(crowds.peak[place] / self._ground.area_m2[place])
            found[f"path.{path.name}.density_peak"] = Kpi(density, "1/m²")
            found[f"path.{path.name}.person_h"] = Kpi(float(crowds.person_s[place] / SECONDS_PER_HOUR), "h")
        return found


def _share(sum_: float, count_: float) -> float:
    return float(sum_ / count_) if count_ > 0 else float("nan")


def _ground(scenario: HeritageGarden, places: Places) -> Ground:
    garden = scenario.garden
    gates = [0.0] * len(garden.gates)
    no_path = [0.0] * len(garden.paths)
    hall = np.full(places.segments_from, NOBODY)
    halls = [place for place, scene in enumerate(garden.scenes, places.scenes_from) if scene.indoors is not None]
    hall[halls] = range(len(halls))
    sights = outlooks(garden.scenes, garden.walls)
    delight = [
        scene.attractiveness + scenario.taste.views * there
        for scene, (_, there) in zip(garden.scenes, sights, strict=True)
    ]
    joy = scenario.taste.content * sum(delight)
    return Ground(
        bounds=np.array([places.scenes_from, places.paths_from, places.segments_from]),
        scalars=np.array(
            [
                scenario.warm_up_s,
                garden.instantaneous_capacity,
                max(joy, 1e-9),
                scenario.taste.tolerance_s,
                scenario.horizon_s,
            ]
        ),
        area_m2=np.array(
            [
                *gates,
                *(scene.usable_area_m2 for scene in garden.scenes),
                *(path.length_m * path.width_m for path in garden.paths),
            ]
        ),
        carrying=np.array([*gates, *(float(scene.carrying_capacity) for scene in garden.scenes), *no_path]),
        fragility=np.array(
            [*gates, *(scene.fragility for scene in garden.scenes), *(path.fragility for path in garden.paths)]
        ),
        delight=np.array([*gates, *delight, *no_path]),
        views=np.array([*map(int, gates), *(count_ for count_, _ in sights), *map(int, no_path)]),
        hall=hall,
        price_cny=np.array([segment.price_cny for segment in scenario.visitors]),
    )


def _live(rows: int) -> Live:
    def whole() -> NDArray[np.int64]:
        return np.full(rows, NOBODY, np.int64)

    def real() -> NDArray[np.float64]:
        return np.zeros(rows)

    return Live(whole(), whole(), whole(), whole(), whole(), real(), real(), real(), real(), real(), real())


def _roomier(live: Live) -> Live:
    """Return the live parties in twice as many rows, or more until no two fall on the same."""
    used = np.flatnonzero(live.leader != NOBODY)
    rows = 2 * len(live.leader)
    while len(np.unique(live.leader[used] % rows)) < len(used):
        rows *= 2
    fresh = _live(rows)
    target = live.leader[used] % rows
    for old, new in zip(live, fresh, strict=True):
        new[target] = old[used]
    return fresh


def _crowds(places: Places) -> Crowds:
    many = places.segments_from
    return Crowds(
        visitors=np.zeros(many, np.int64),
        peak=np.zeros(many, np.int64),
        visits=np.zeros(many, np.int64),
        since_s=np.zeros(many),
        person_s=np.zeros(many),
        over_s=np.zeros(many),
        level_s=np.zeros(len(LEVELS)),
        wait_s=np.zeros((places.scenes_from, 2)),
    )


def _halls(scenario: HeritageGarden) -> Halls:
    scenes = [scene for scene in scenario.garden.scenes if scene.indoors is not None]
    indoors = [scene.indoors for scene in scenes]
    return Halls(
        np.array([s.usable_area_m2 * hall.height_m for s, hall in zip(scenes, indoors, strict=True) if hall]),
        np.array([hall.air_changes_per_h for hall in indoors if hall]),
        np.full(len(scenes), OUTDOOR_PPM),
        np.full(len(scenes), OUTDOOR_PPM),
        np.zeros(len(scenes)),
    )
