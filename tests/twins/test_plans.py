"""Plans at a moment against the journal, and how they read."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from simulators import Run, Scenario, simulate
from simulators.compute_cluster import example as cluster_example
from simulators.heritage_garden import Places as GardenPlaces
from simulators.heritage_garden import example as garden_example
from simulators.heritage_garden import time_series
from simulators.production_line import Event, Places, State
from twins import MomentError, NoChartError, plan
from twins.cluster_colors import LOAD_COLORS
from twins.cluster_motion import story
from twins.cluster_rows import Condition
from twins.garden_crowding import CROWDING_COLORS
from twins.motion import spells
from twins.plans import PLANS
from twins.showing import scene_of, window_of

if TYPE_CHECKING:
    from twins.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"
TIMES = np.random.default_rng(8).uniform(4000, 9000, 8)


@pytest.fixture(scope="module")
def cluster_run() -> Run:
    return simulate(cluster_example(), seed=3)


def tips(picture: Picture) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture.svg).iter(f"{SVG}title")][1:]  # noqa: S314


def test_machines_tell_their_states(workshop_run: Run) -> None:
    words = {State.WORKING: "working", State.DOWN: "down", State.STARVED: "starved", State.BLOCKED: "blocked",
             State.SETUP: "set-up", State.AWAITING: "waiting for operator", State.OFF: "off shift",
             State.MAINTENANCE: "maintenance"}  # fmt: skip
    seen = set()
    for time_s in TIMES:
        expected = []
        for mine in Places(workshop_run.scenario).machines:
            for place in mine:
                track = spells(workshop_run.journal, place, time_s, time_s + 1)
                expected.append(words[State(int(track.state[0]))])
        found = [tip.rpartition(": ")[2] for tip in tips(plan(workshop_run, time_s, language="en"))]
        assert Counter(found) == Counter(expected)
        seen |= set(found)
    assert len(seen) >= 3


def test_every_part_in_the_line_is_drawn(workshop_run: Run) -> None:
    journal = workshop_run.journal
    for time_s in TIMES:
        so_far = journal.time_s <= time_s
        gone = np.isin(journal.event, (Event.EXIT, Event.SCRAP, Event.ASSEMBLE))
        just_out = np.isin(journal.event, (Event.EXIT, Event.SCRAP)) & so_far & (journal.time_s > time_s - 8.0)
        inside = (so_far & (journal.event == Event.RELEASE)).sum() - (so_far & gone).sum()
        assert plan(workshop_run, time_s).svg.count('class="part"') == inside + just_out.sum()


def test_vehicles_and_people_are_on_the_plan(workshop_run: Run, pcb_run: Run) -> None:
    svg = plan(workshop_run, 6000.0).svg
    assert svg.count("<circle cx") - svg.count('<circle cx="2"') - svg.count('<circle cx="6"') == 1
    assert 'fill="#f2b824"' in svg
    assert 'fill="#f2b824"' not in plan(pcb_run, 6000.0).svg


def test_nodes_tell_what_they_do(cluster_run: Run) -> None:
    told = story(cluster_run.scenario, cluster_run.journal)
    colors = set()
    for time_s in TIMES:
        now = (told.spells.start_s <= time_s) & (time_s < told.spells.end_s)
        picture = plan(cluster_run, time_s, language="en")
        cores = [int(re.search(r": (\d+) of", tip).group(1)) for tip in tips(picture)]  # type: ignore[union-attr]
        assert cores == told.spells.cores[now].tolist()
        down = (told.spells.condition[now] == Condition.DOWN).sum()
        assert sum("down" in tip for tip in tips(picture)) == down
        waiting = int(((told.waits.start_s <= time_s) & (time_s < told.waits.end_s)).sum())
        assert f"{waiting} jobs wait" in picture.svg
        colors |= {color for color in LOAD_COLORS if color in picture.svg}
    assert len(colors) > 1


@pytest.fixture(scope="module")
def garden_run() -> Run:
    return simulate(garden_example(), seed=3)


def test_places_of_a_garden_tell_how_many_are_there(garden_run: Run) -> None:
    garden = garden_run.scenario.garden  # type: ignore[attr-defined]
    found = time_series(garden_run.journal, garden_run.scenario, step_s=1800.0)
    busiest = int(np.argmax(found.inside))
    for step in (busiest, busiest - 2):
        picture = plan(garden_run, float(found.time_s[step]), language="en")
        assert f"{found.inside[step]} visitors inside" in picture.svg
        told = tips(picture)
        for number, scene in enumerate(garden.scenes, GardenPlaces(garden_run.scenario).scenes_from):
            assert any(tip.startswith(f"{scene.label.en}: {found.visitors[step, number]} visitors") for tip in told)
    assert 'class="visitors"' in picture.svg


def test_what_is_shut_in_a_garden_says_so(garden_run: Run) -> None:
    gates = garden_run.scenario.garden.gates  # type: ignore[attr-defined]
    opens_s = garden_run.scenario.opens_s  # type: ignore[attr-defined]

    def shut(time_s: float) -> set[str]:
        told = tips(plan(garden_run, time_s, language="zh"))
        return {gate.name for gate in gates for tip in told if tip.startswith(gate.label.zh) and "关闭" in tip}

    assert shut(opens_s - 60.0) == {gate.name for gate in gates}
    assert shut(opens_s + 3600.0) == set()


def test_fuller_places_are_redder(garden_run: Run) -> None:
    crowded = garden_run.scenario.model_copy(
        update={"garden": garden_run.scenario.garden.model_copy(  # type: ignore[attr-defined]
            update={"scenes": tuple(scene.model_copy(update={"area_per_visitor_m2": 1000.0})
                                    for scene in garden_run.scenario.garden.scenes)})}  # type: ignore[attr-defined]
    )  # fmt: skip
    time_s = 39_600.0
    usual, full = plan(garden_run, time_s), plan(Run(crowded, 3, 0, {}, garden_run.journal), time_s)
    assert full.svg.count(CROWDING_COLORS[-1]) > usual.svg.count(CROWDING_COLORS[-1])


@pytest.mark.parametrize("kind", sorted(PLANS))
def test_what_can_be_inspected_is_marked_on_the_plan(
    kind: str, pcb_run: Run, cluster_run: Run, garden_run: Run
) -> None:
    run = {run.scenario.kind: run for run in (pcb_run, cluster_run, garden_run)}[kind]
    marked = set(re.findall(r'data-target="([^"]+)"', plan(run, 0.8 * run.scenario.horizon_s).svg))
    names = {target.name for target in scene_of(run, *window_of(run)).targets}
    assert len(marked) > 3
    assert marked <= names


@pytest.mark.parametrize(("language", "word"), [("zh", "产线平面"), ("en", "The line")])
def test_plans_speak_both_languages(pcb_run: Run, language: str, word: str) -> None:
    picture = plan(pcb_run, 5000.0, language=language)
    assert picture.title.startswith(word)
    assert word in picture.svg


@pytest.mark.parametrize("time_s", [-1.0, 10_800.0, float("nan")])
def test_a_moment_outside_of_the_run_is_refused(pcb_run: Run, time_s: float) -> None:
    with pytest.raises(MomentError, match=r"time_s = .* choose 0 <= time_s < 10800"):
        plan(pcb_run, time_s)


def test_a_kind_without_plan_names_those_that_have_one(pcb_run: Run) -> None:
    with pytest.raises(NoChartError, match=r"'aquarium'.*compute_cluster, heritage_garden, production_line"):
        plan(Run(Scenario(kind="aquarium", horizon_s=10), 0, 0, {}, pcb_run.journal), 1.0)
