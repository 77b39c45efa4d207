"""Whatever cluster can be simulated can be shown, drawn, plotted and filmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from compute_clusters import clusters
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import Run, simulate
from simulators.compute_cluster import Event, Places
from twins.cluster import cluster_scene
from twins.cluster_motion import story
from twins.cluster_notes import cluster_facts, cluster_figures, cluster_legend
from twins.cluster_rows import Condition
from twins.gltf import glb_bytes
from twins.plans import plan
from twins.plots import cluster_series

if TYPE_CHECKING:
    from simulators.compute_cluster import ComputeCluster


def run_of(scenario: ComputeCluster, seed: int) -> Run:
    return simulate(scenario, seed=seed, engine="simpy")


@settings(max_examples=60, deadline=None)
@given(clusters(), st.integers(0, 99))
def test_any_cluster_is_shown_with_all_its_jobs_and_within_its_frame(scenario: ComputeCluster, seed: int) -> None:
    run = run_of(scenario, seed)
    journal, start_s, end_s = run.journal, 2.0, 40.0
    scene = cluster_scene(scenario, journal, start_s, end_s)
    low, high = np.array(scene.bounds_m)
    for movers in scene.movers:
        for end in (movers.from_m, movers.to_m):
            assert (end >= low).all(), movers.name
            assert (end <= high).all(), movers.name
        assert (movers.appear_s <= movers.arrive_s).all()
        assert (movers.arrive_s <= movers.vanish_s).all()
    queued = [movers for movers in scene.movers if movers.name.startswith("queue")]
    for time_s in np.arange(start_s, end_s, 3.7):
        event = journal.event[journal.time_s <= time_s]
        came = np.isin(event, (Event.SUBMIT, Event.INTERRUPT, Event.PREEMPT)).sum()
        left = np.isin(event, (Event.START, Event.REJECT, Event.CANCEL)).sum()
        assert sum(movers.shown_at(time_s - start_s).sum() for movers in queued) == came - left


@settings(max_examples=60, deadline=None)
@given(clusters(), st.integers(0, 99))
def test_no_node_is_used_beyond_what_it_has(scenario: ComputeCluster, seed: int) -> None:
    told = story(scenario, run_of(scenario, seed).journal)
    cores = np.repeat([kind.cores for kind in scenario.node_types], [kind.nodes for kind in scenario.node_types])
    gpus = np.repeat([kind.gpus for kind in scenario.node_types], [kind.nodes for kind in scenario.node_types])
    spells = told.spells
    assert ((spells.cores >= 0) & (spells.cores <= cores[spells.node])).all()
    assert ((spells.gpus >= 0) & (spells.gpus <= gpus[spells.node])).all()
    # Nobody works on a node that is down, asleep, or waking.
    assert (spells.cores[spells.condition >= Condition.WAKING] == 0).all()


@settings(max_examples=20, deadline=None)
@given(clusters(), st.integers(0, 99))
def test_any_cluster_has_notes_plots_a_plan_and_a_film(scenario: ComputeCluster, seed: int) -> None:
    run = run_of(scenario, seed)
    places = Places(scenario)
    facts = cluster_facts(run)
    assert set(places.names[: places.first_class]) == set(facts)
    for language in ("zh", "en"):
        words = cluster_legend(run, language) + cluster_figures(run, language)
        words += plan(run, 10.0, language=language).svg
        assert ">nan<" not in words
    for series in cluster_series(run, 5.0, 60.0):
        assert np.isfinite(series.value).all()
    scene = cluster_scene(scenario, run.journal, 0.0, 60.0)
    assert glb_bytes(scene, speed=1.0)[:4] == b"glTF"
