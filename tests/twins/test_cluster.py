"""What the scene of a cluster shows at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from labs.cluster_chart import SHADES
from simulators import Run, simulate
from simulators.compute_cluster import ComputeCluster, Event, Places, example
from simulators.compute_cluster.commands import DrainNode, ResumeNode
from twins import Twin, show
from twins.cluster import cluster_scene
from twins.cluster_colors import CONDITION_COLORS, LOAD_COLORS, USER_COLORS
from twins.cluster_layout import lay_out_cluster
from twins.cluster_motion import story
from twins.cluster_notes import cluster_facts, cluster_figures, cluster_legend
from twins.cluster_rows import Condition
from twins.shapes import triangles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twins.scene import Movers, Scene

START_S, END_S = 2000.0, 12_000.0
TIMES = np.random.default_rng(6).uniform(START_S, END_S, 30)


@pytest.fixture(scope="module")
def cluster_run() -> Run:
    return simulate(example(), seed=3)


@pytest.fixture(scope="module")
def scene(cluster_run: Run) -> Scene:
    return cluster_scene(cluster_run.scenario, cluster_run.journal, START_S, END_S)


def shown(scene: Scene, kind: str, time_s: float) -> list[tuple[Movers, NDArray[np.bool_]]]:
    return [(movers, movers.shown_at(time_s - START_S)) for movers in scene.movers if movers.name.split()[0] == kind]


def count(scene: Scene, kind: str, time_s: float) -> int:
    return sum(int(now.sum()) for _, now in shown(scene, kind, time_s))


def plain(run: Run, nodes: int, per_rack: int | None = None, **more: object) -> ComputeCluster:
    data = {"name": "node", "nodes": nodes, "nodes_per_rack": per_rack, **more}
    jobs = {"kind": "list", "jobs": [{"submit_s": 0, "run_s": 50}]}
    return ComputeCluster.model_validate(
        {"kind": "compute_cluster", "horizon_s": 100, "node_types": [data], "jobs": jobs}
    )


def test_as_many_cubes_lie_in_the_shelves_as_jobs_wait(cluster_run: Run, scene: Scene) -> None:
    waits = story(cluster_run.scenario, cluster_run.journal).waits
    found = [count(scene, "queue", time_s) for time_s in TIMES]
    expected = [int(((waits.start_s <= time_s) & (time_s < waits.end_s)).sum()) for time_s in TIMES]
    assert found == expected
    assert max(found) > 2


def test_waiting_cubes_rest_in_different_pigeonholes(scene: Scene) -> None:
    for time_s in TIMES:
        at = np.concatenate([movers.to_m[now] for movers, now in shown(scene, "queue", time_s)])
        assert len(np.unique(at.round(4), axis=0)) == len(at)


def test_the_bar_on_a_node_tells_its_load(cluster_run: Run, scene: Scene) -> None:
    spells = story(cluster_run.scenario, cluster_run.journal).spells
    kinds = cluster_run.scenario.node_types
    kind_of = np.repeat(np.arange(len(kinds)), [kind.nodes for kind in kinds])
    for time_s in TIMES:
        now = (spells.start_s <= time_s) & (time_s < spells.end_s)
        expected = []
        for node in np.flatnonzero(now):
            kind = kinds[kind_of[spells.node[node]]]
            share = spells.cores[node] / kind.cores
            if kind.gpus:
                share = max(share, spells.gpus[node] / kind.gpus)
            if share > 0 and spells.condition[node] == Condition.UP:
                expected.append(int(LOAD_COLORS[int(np.ceil(share * 4)) - 1][1:], 16))
        found = np.concatenate([movers.color[rows] for movers, rows in shown(scene, "load", time_s)])
        assert sorted(found.tolist()) == sorted(expected)


def test_a_fuller_node_has_a_longer_bar(scene: Scene) -> None:
    longs = {
        movers.name: float(np.ptp(triangles(movers.shape).position_m[:, 0]))
        for movers in scene.movers
        if movers.name.startswith("load cpu")
    }
    assert list(longs.values()) == sorted(set(longs.values()))
    assert len(longs) == 4


def test_nodes_that_are_down_or_asleep_are_marked(cluster_run: Run, scene: Scene) -> None:
    spells = story(cluster_run.scenario, cluster_run.journal).spells
    seen = set()
    for time_s in TIMES:
        now = (spells.start_s <= time_s) & (time_s < spells.end_s) & (spells.condition > Condition.DRAINED)
        expected = [int(CONDITION_COLORS[Condition(code)][1:], 16) for code in spells.condition[now]]
        marks = shown(scene, "condition", time_s)
        found = np.concatenate([np.empty(0, int), *(movers.color[rows] for movers, rows in marks)])
        assert sorted(found.tolist()) == sorted(expected)
        for movers, _ in marks:
            np.testing.assert_array_equal(movers.blink, movers.color == int(CONDITION_COLORS[Condition.DOWN][1:], 16))
        seen |= set(expected)
    assert seen


def test_a_node_that_somebody_drains_is_marked_until_it_is_let_go() -> None:
    twin = Twin(example(), seed=3)
    twin.advance(3000.0)
    twin.apply(DrainNode(node="cpu.1"), who="li")
    twin.advance(5000.0)
    twin.apply(ResumeNode(node="cpu.1"), who="li")
    twin.advance(8000.0)
    run = Run(twin.scenario, 3, 0, twin.kpis(), twin.journal())
    assert "drained" in cluster_legend(run, "en")
    made = cluster_scene(example(), run.journal, 2000.0, 8000.0)
    (drained,) = (movers for movers in made.movers if movers.name == "drained cpu")
    assert [int(drained.shown_at(time_s - 2000.0).sum()) for time_s in (2900, 3100, 4900, 5100)] == [0, 1, 1, 0]
    assert set(drained.color.tolist()) == {int(CONDITION_COLORS[Condition.DRAINED][1:], 16)}


def test_every_gpu_in_use_is_lit(cluster_run: Run, scene: Scene) -> None:
    spells = story(cluster_run.scenario, cluster_run.journal).spells
    (lit,) = (movers for movers in scene.movers if movers.name == "cells gpu")
    for time_s in TIMES:
        now = (spells.start_s <= time_s) & (time_s < spells.end_s)
        rows = lit.shown_at(time_s - START_S)
        assert rows.sum() == spells.gpus[now].sum()
        assert len(np.unique(lit.to_m[rows].round(4), axis=0)) == rows.sum()


def test_jobs_come_to_their_nodes_and_leave_them(cluster_run: Run, scene: Scene) -> None:
    layout = lay_out_cluster(cluster_run.scenario)
    fronts = {tuple(at) for at in (layout.node_m[:, :2]).round(3).tolist()}
    journal = cluster_run.journal
    inside = (journal.time_s >= START_S) & (journal.time_s < END_S)
    starts = int((inside & (journal.event == Event.START)).sum())
    coming = [movers for movers in scene.movers if movers.name.startswith("coming")]
    going = [movers for movers in scene.movers if movers.name.startswith("going")]
    assert sum(int((movers.appear_s >= 0).sum()) for movers in coming) >= starts > 10
    for movers in coming:
        assert {tuple(at) for at in movers.to_m[:, :2].round(3).tolist()} <= fronts
        assert (movers.cross_m == layout.left_aisle_m).all()
    for movers in going:
        assert {tuple(at) for at in movers.from_m[:, :2].round(3).tolist()} <= fronts
    back = np.concatenate([movers.to_m[:, 0] < 0 for movers in going])
    assert back.any()  # preempted jobs wait again
    assert not back.all()


def test_a_job_of_a_whole_machine_shows_some_of_its_cubes_only() -> None:
    cluster = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1000,
            "node_types": [{"name": "node", "nodes": 400, "nodes_per_rack": 40}],
            "jobs": {"kind": "list", "jobs": [{"submit_s": 10, "run_s": 500, "tasks": 400}]},
        }
    )
    made = cluster_scene(cluster, simulate(cluster, seed=1).journal, 0.0, 600.0)
    (coming,) = (movers for movers in made.movers if movers.name.startswith("coming"))
    assert len(coming) == 24
    assert len(np.unique(coming.to_m.round(3), axis=0)) == 24
    (bars,) = (movers for movers in made.movers if movers.name.startswith("load"))
    assert len(bars) == 400


def test_two_windows_of_a_run_fit_together(cluster_run: Run, scene: Scene) -> None:
    other = cluster_scene(cluster_run.scenario, cluster_run.journal, 9000.0, 9100.0)
    for one, same in zip(triangles(scene.solids).position_m, triangles(other.solids).position_m, strict=True):
        assert (one == same).all()
    assert other.bounds_m == scene.bounds_m
    assert [target.low_m for target in other.targets] == [target.low_m for target in scene.targets]


def test_everything_that_moves_stays_in_the_frame(scene: Scene) -> None:
    low, high = np.array(scene.bounds_m)
    for movers in scene.movers:
        for end in (movers.from_m, movers.to_m):
            assert (end >= low).all(), movers.name
            assert (end <= high).all(), movers.name


@pytest.mark.parametrize(("nodes", "per_rack"), [(1, None), (7, 3), (200, None), (1024, 16), (5000, 40)])
def test_nodes_stand_in_cabinets_apart_from_one_another(cluster_run: Run, nodes: int, per_rack: int | None) -> None:
    cluster = plain(cluster_run, nodes, per_rack)
    layout = lay_out_cluster(cluster)
    assert sum(cabinet.nodes for cabinet in layout.cabinets) == nodes
    assert len(np.unique(layout.node_m.round(4), axis=0)) == nodes
    assert len({(cabinet.x_m, cabinet.z_m) for cabinet in layout.cabinets}) == len(layout.cabinets)
    for cabinet in layout.cabinets:
        mine = slice(cabinet.first, cabinet.first + cabinet.nodes)
        top = layout.node_m[mine, 1] + layout.height_m[mine] / 2
        assert top.max() < 2.2
        assert (np.diff(layout.node_m[mine, 1]) >= layout.height_m[mine][1:]).all()
    deep = len(layout.rows_m) * 3.4
    if len(layout.cabinets) > 20:
        assert 1.0 < layout.width_m / deep < 5.0


def test_movers_have_names_of_their_own_where_cabinets_differ() -> None:
    cluster = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1000,
            "node_types": [{"name": "node", "nodes": 45, "nodes_per_rack": 40}],
            "jobs": {"kind": "list", "jobs": [{"submit_s": 1, "run_s": 500, "tasks": 45}]},
        }
    )
    made = cluster_scene(cluster, simulate(cluster, seed=1).journal, 0.0, 600.0)
    names = [movers.name for movers in made.movers]
    assert len(set(names)) == len(names)
    assert sum(len(movers) for movers in made.movers if movers.name.startswith("load")) == 45


def test_the_machine_may_have_a_thousand_nodes_and_few_movers() -> None:
    cluster = plain(simulate(example(), seed=3), 1024, 32)
    made = cluster_scene(cluster, simulate(cluster, seed=1).journal, 0.0, 100.0)
    assert sum(len(movers) for movers in made.movers) < 10  # one job: nothing else changes
    assert len(made.targets) > 1024


def test_everything_can_be_pointed_at(cluster_run: Run, scene: Scene) -> None:
    places = Places(cluster_run.scenario)
    names = [target.name for target in scene.targets]
    assert set(places.names[: places.first_class]) <= set(names)
    assert len(set(names)) == len(names)
    texts = {target.name: target.text for target in scene.targets}
    assert texts["rack.gpu.2"].en == "gpu rack 2"
    assert texts["rack.gpu.2"].zh == "gpu 机柜 2"
    assert texts["queue.compute"].zh == "等待队列 compute"


def test_users_have_the_same_colours_as_in_the_chart() -> None:
    assert USER_COLORS == SHADES


@pytest.mark.parametrize(("language", "down", "wait"), [("zh", "故障", "平均等待"), ("en", "down", "mean wait")])
def test_legend_and_figures_speak_both_languages(cluster_run: Run, language: str, down: str, wait: str) -> None:
    assert down in cluster_legend(cluster_run, language)
    assert wait in cluster_figures(cluster_run, language)
    assert f"{cluster_run.kpis['utilisation'].value:.1%}" in cluster_figures(cluster_run, language)
    assert "drained" not in cluster_legend(cluster_run, "en")
    assert "down" not in cluster_legend(simulate(plain(cluster_run, 3), seed=1), "en")


def test_facts_agree_with_the_kpis() -> None:
    cluster = plain(simulate(example(), seed=3), 4, cores=2)
    run = simulate(cluster, seed=1)
    facts = {name: {text.en: value.en for text, value in pairs} for name, pairs in cluster_facts(run).items()}
    used = [float(facts[f"node.{number}"]["mean use"].rstrip("%")) / 100 for number in range(1, 5)]
    assert np.mean(used) * 8 * 50 == pytest.approx(50, rel=1e-2)  # one core for 50 s
    assert facts["rack.node.1"]["nodes"] == "4"
    assert facts["queue.all"]["jobs ended"] == "1"


@pytest.mark.parametrize("renderer", ["anywidget", "pythreejs"])
def test_a_notebook_shows_it(cluster_run: Run, renderer: str) -> None:
    view = show(cluster_run, language="en", renderer=renderer)
    assert (view.start_s, view.end_s) == (600.0, 14_400.0)
