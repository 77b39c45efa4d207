"""Visitors walk where the journal says, along the paths, and stand inside the scenes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from simulators import Journal
from simulators.heritage_garden import Event, HeritageGarden, time_series
from twins import show
from twins.errors import LookError
from twins.garden import busiest_s, garden_scene, visitors
from twins.garden.plan import closed, distance_m, inside
from twins.garden.terrain import Terrain

if TYPE_CHECKING:
    from simulators import Run
    from twins.scene import Movers

START_S, END_S = 36_000.0, 36_900.0


@pytest.fixture(scope="module")
def seen(day: Run) -> visitors.Crowd:
    scenario = cast("HeritageGarden", day.scenario)
    return visitors.crowd(scenario, day.journal, START_S, END_S)


def plan(point_m: np.ndarray) -> np.ndarray:
    return point_m[:, [0, 2]] * (1, -1)


def at(movers: Movers, time_s: float) -> np.ndarray:
    """Return where the copies that are shown then are."""
    now = movers.chosen(np.flatnonzero(movers.shown_at(time_s)))
    share = np.clip((time_s - now.appear_s) / np.maximum(now.arrive_s - now.appear_s, 1e-9), 0, 1)[:, None]
    return now.from_m + (now.to_m - now.from_m) * share


def test_as_many_are_seen_as_the_journal_counts(day: Run, seen: visitors.Crowd) -> None:
    scenario = cast("HeritageGarden", day.scenario)
    series = time_series(day.journal, scenario, step_s=300.0)
    assert seen.share == 1.0
    for number, time_s in enumerate((300.0, 600.0)):
        row = int((START_S + time_s) / 300.0)
        gates = len(scenario.garden.gates)
        counted = series.inside[row] + series.visitors[row, :gates].sum()
        shown = seen.movers[0].shown_at(time_s).sum()
        assert counted > 30, number
        assert shown == pytest.approx(counted, rel=0.12)  # companions come a little later than the first of a party


def test_everybody_is_in_the_garden_or_in_a_queue_before_it(day: Run, seen: visitors.Crowd) -> None:
    garden = cast("HeritageGarden", day.scenario).garden
    for movers in seen.movers:
        for points in (plan(movers.from_m), plan(movers.to_m)):
            outside = ~inside(points, garden.outline_m)
            gates = np.array([gate.at_m for gate in garden.gates])
            away = np.linalg.norm(points[outside, None] - gates, axis=2).min(axis=1)
            assert (away < visitors.QUEUE_M + 3).all()


def test_nobody_walks_on_water(day: Run, seen: visitors.Crowd) -> None:
    garden = cast("HeritageGarden", day.scenario).garden
    terrain = Terrain.of(garden)
    dry = [path.line_m for path in garden.paths if path.kind in ("bridge", "zigzag_bridge")]
    for time_s in np.arange(50.0, END_S - START_S, 100.0):
        points = plan(at(seen.movers[0], time_s))
        wet = np.any([inside(points, line) for line in terrain.shores], axis=0)
        over = np.min([distance_m(points, line) for line in dry], axis=0) < 1.2
        housed = np.any([inside(points, scene.polygon_m) for scene in garden.scenes], axis=0)
        assert not (wet & ~over & ~housed).any()


def test_who_visits_a_scene_stands_in_it(day: Run, seen: visitors.Crowd) -> None:
    garden = cast("HeritageGarden", day.scenario).garden
    movers = seen.movers[0]
    stands = np.flatnonzero(movers.vanish_s - movers.arrive_s > 60.0)
    points = plan(movers.to_m[stands])
    home = np.any([inside(points, scene.polygon_m) for scene in garden.scenes], axis=0)
    waiting = np.min([distance_m(points, closed(scene.polygon_m)) for scene in garden.scenes], axis=0) < 2.0
    queued = ~inside(points, garden.outline_m)
    assert home.mean() > 0.5
    assert (home | waiting | queued).mean() > 0.95


def test_nobody_jumps(day: Run) -> None:
    scenario = cast("HeritageGarden", day.scenario)
    found = visitors.crowd(scenario, day.journal, 30_000.0, 40_000.0).movers[0]
    where, first = np.unique(np.concatenate((found.to_m, found.from_m)).round(4), axis=0, return_inverse=True)
    assert len(where)
    ends = set(zip(first[: len(found)].tolist(), found.vanish_s.round(3).tolist(), strict=True))
    begins = list(zip(first[len(found) :].tolist(), found.appear_s.round(3).tolist(), strict=True))
    inside_window = (found.appear_s > 20.0) & (found.appear_s < 9_900.0)
    follows = np.array([begin in ends for begin in begins])[inside_window]
    arrivals = np.isin(day.journal.event, (Event.QUEUE,)).sum()
    assert (~follows).sum() <= 4 * arrivals  # only those who come, each of a party
    assert follows.mean() > 0.8


def test_groups_have_a_guide_with_a_flag(seen: visitors.Crowd) -> None:
    assert [movers.name for movers in seen.movers] == ["visitors", "guides"]
    assert 1 <= seen.movers[1].shown_at(450.0).sum() <= 3


def test_of_a_crowd_whole_parties_are_left_out(day: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = cast("HeritageGarden", day.scenario)
    everybody = visitors.crowd(scenario, day.journal, START_S, END_S)
    monkeypatch.setattr(visitors, "MOST_ROWS", 400)
    some = visitors.crowd(scenario, day.journal, START_S, END_S)
    assert some.share < 1.0
    assert 0 < sum(map(len, some.movers)) < sum(map(len, everybody.movers))


def test_a_window_begins_where_most_is_visited(day: Run) -> None:
    begin_s = busiest_s(day, 600.0)
    visits_s = day.journal.time_s[day.journal.event == Event.VISIT]
    mine = ((visits_s >= begin_s) & (visits_s < begin_s + 600)).sum()
    others = [((visits_s >= other) & (visits_s < other + 600)).sum() for other in np.arange(0, 44_400, 600.0)]
    assert mine == max(others)


@pytest.mark.parametrize("renderer", ["anywidget", "pythreejs"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_day_is_shown_in_a_notebook(day: Run, renderer: str, language: str) -> None:
    view = show(day, language=language, renderer=renderer, season="winter", hour=17.0)
    begin_s = busiest_s(day, 600.0)
    assert (view.start_s, view.end_s) == (begin_s, begin_s + 600.0)
    assert view._repr_mimebundle_()


@pytest.mark.parametrize(("look", "field"), [({"season": "monsoon"}, "season"), ({"hour": 25}, "hour")])
def test_a_season_that_there_is_not_is_refused(day: Run, look: dict[str, object], field: str) -> None:
    scenario = cast("HeritageGarden", day.scenario)
    with pytest.raises(LookError, match=field):
        garden_scene(scenario, day.journal, START_S, END_S, **look)  # type: ignore[arg-type]


def test_whoever_has_begun_to_walk_is_seen_to_walk_before_anybody_knows_when_it_ends(day: Run) -> None:
    """Of a garden that is running the journal ends now."""
    scenario = cast("HeritageGarden", day.scenario)
    now_s = START_S + 450.0
    journal = day.journal
    rows = int(np.searchsorted(journal.time_s, now_s))
    columns = (journal.time_s[:rows], journal.event[:rows], journal.entity[:rows], journal.place[:rows])
    live, replayed = (
        visitors.crowd(scenario, told, START_S, now_s).movers[0]
        for told in (Journal(*columns, journal.places), journal)
    )
    walking = replayed.chosen(np.flatnonzero(replayed.shown_at(449.9) & (replayed.arrive_s > 449.9)))
    here, there = at(live, 449.9), at(walking, 449.9)
    assert len(there) > 5
    assert np.median(np.linalg.norm(there[:, None] - here, axis=2).min(axis=1)) < 2.5
