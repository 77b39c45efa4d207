"""Series over a window against plain counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import simulate
from simulators.compute_cluster import Event as ClusterEvent
from simulators.compute_cluster import example as cluster_example
from simulators.heritage_garden import example as garden_example
from simulators.heritage_garden import time_series
from simulators.production_line import Event
from twins.plots import SERIES, Series, cluster_series, garden_series, line_series
from twins.showing import SCENES

if TYPE_CHECKING:
    from simulators import Run

START_S, END_S = 4000.0, 7600.0


@pytest.fixture(scope="module")
def cluster_run() -> Run:
    return simulate(cluster_example(), seed=3)


@pytest.fixture(scope="module")
def garden_run() -> Run:
    return simulate(garden_example(), seed=3)


def named(found: tuple[Series, ...], name: str) -> Series:
    (one,) = (series for series in found if series.name.en == name)
    return one


def test_work_in_progress_is_what_has_come_and_not_gone(pcb_run: Run) -> None:
    series = named(line_series(pcb_run, START_S, END_S), "work in progress")
    journal = pcb_run.journal
    for offset_s, value in zip(series.time_s[::20], series.value[::20], strict=True):
        so_far = journal.event[journal.time_s <= START_S + offset_s]
        assert value == (so_far == Event.RELEASE).sum() - (so_far == Event.EXIT).sum()


def test_throughput_counts_what_has_just_been_finished(pcb_run: Run) -> None:
    series = named(line_series(pcb_run, START_S, END_S), "throughput")
    journal = pcb_run.journal
    exits = journal.time_s[journal.event == Event.EXIT]
    for offset_s, value in zip(series.time_s[::20], series.value[::20], strict=True):
        now_s = START_S + offset_s
        assert value == ((exits > now_s - 300) & (exits <= now_s)).sum() * 12
    whole = ((exits > START_S) & (exits <= END_S)).sum()
    assert series.value.mean() == pytest.approx(whole, rel=0.1)


def test_shares_of_machines_are_those_of_the_kpis(pcb_run: Run) -> None:
    """Over the whole run the mean of the share that works is that of the stations' ratios."""
    line = pcb_run.scenario.model_copy(update={"warm_up_s": 0.0})
    run = simulate(line, seed=7)
    found = line_series(run, 0.0, line.horizon_s)
    machines = sum(station.machines for station in line.stations)
    for state in ("working", "down", "blocked"):
        ratios = [run.kpis[f"station.{one.name}.{state}_ratio"].value * one.machines for one in line.stations]
        assert named(found, f"machines {state}").value[1:].mean() == pytest.approx(sum(ratios) / machines, rel=1e-6)


def test_a_clusters_use_is_that_of_its_kpi() -> None:
    scenario = cluster_example().model_copy(update={"warm_up_s": 0.0})
    run = simulate(scenario, seed=3)
    found = cluster_series(run, 0.0, scenario.horizon_s)
    for name, kpi in (("cores in use", "utilisation"), ("GPUs in use", "gpu_utilisation")):
        core_s = run.kpis[kpi].value * run.kpis["makespan_s"].value  # the KPI counts from the first submission
        assert named(found, name).value[1:].mean() * scenario.horizon_s == pytest.approx(core_s, rel=1e-6)


def test_the_power_of_a_clusters_nodes_makes_the_energy_of_its_kpi() -> None:
    scenario = cluster_example().model_copy(update={"warm_up_s": 0.0})
    run = simulate(scenario, seed=3)
    power = named(cluster_series(run, 0.0, scenario.horizon_s), "power of the nodes")
    joules = power.value[1:].mean() * scenario.horizon_s
    assert joules * scenario.tariff.pue / 3.6e6 == pytest.approx(run.kpis["energy_kwh"].value, rel=1e-6)


def test_jobs_wait_and_run_as_the_journal_says(cluster_run: Run) -> None:
    found = cluster_series(cluster_run, START_S, END_S)
    journal = cluster_run.journal
    back = (ClusterEvent.INTERRUPT, ClusterEvent.PREEMPT)
    for offset_s in named(found, "jobs waiting").time_s[::20]:
        so_far = journal.event[journal.time_s <= START_S + offset_s]
        starts = (so_far == ClusterEvent.START).sum()
        gone = np.isin(so_far, (ClusterEvent.END, ClusterEvent.KILL, *back)).sum()
        came = np.isin(so_far, (ClusterEvent.SUBMIT, *back)).sum()
        left = np.isin(so_far, (ClusterEvent.START, ClusterEvent.REJECT, ClusterEvent.CANCEL)).sum()
        at = np.searchsorted(named(found, "jobs waiting").time_s, offset_s)
        assert named(found, "jobs running").value[at] == starts - gone
        assert named(found, "jobs waiting").value[at] == came - left


def test_a_gardens_visitors_are_counted(garden_run: Run) -> None:
    scenario = garden_run.scenario
    start_s, end_s = scenario.opens_s, scenario.horizon_s
    found = garden_series(garden_run, start_s, end_s)
    inside = named(found, "visitors inside")
    whole = time_series(garden_run.journal, scenario, step_s=(end_s - start_s) / 240)
    assert inside.value.max() == whole.inside[(whole.time_s >= start_s) & (whole.time_s <= end_s)].max() > 0
    share = named(found, "share of the capacity").value
    np.testing.assert_allclose(share * scenario.garden.instantaneous_capacity, inside.value)


@pytest.mark.parametrize("kind", sorted(SERIES))
def test_every_kind_that_is_shown_is_plotted_in_both_languages(
    kind: str, pcb_run: Run, cluster_run: Run, garden_run: Run
) -> None:
    run = {run.scenario.kind: run for run in (pcb_run, cluster_run, garden_run)}[kind]
    end_s = run.scenario.horizon_s
    found = SERIES[kind](run, 0.75 * end_s, end_s)
    assert len({series.name.zh for series in found}) == len(found) >= 3
    for series in found:
        assert series.name.zh != series.name.en
        assert (np.diff(series.time_s) > 0).all()
        assert 0 <= series.time_s[0] <= series.time_s[-1] <= 0.25 * end_s + 1e-6
        assert np.isfinite(series.value).all()
        assert (series.value >= -1e-9).all()
        if series.unit == "1" and kind != "heritage_garden":
            assert series.value.max() <= 1 + 1e-9


@pytest.mark.parametrize("kind", sorted(SCENES))
def test_whoever_shows_a_kind_plots_it(kind: str) -> None:
    assert SCENES[kind].series is SERIES[kind]
