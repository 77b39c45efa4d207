"""KPIs of a compute cluster, all derived from its journal.

Time counts from the end of the warm-up, or the first submission after it, to the last end of a job, or to the horizon
where jobs are left. Jobs count that are submitted after the warm-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster import ledger as columns
from simulators.compute_cluster import metering
from simulators.compute_cluster.events import SUBMIT, TASK, Places
from simulators.compute_cluster.layout import layout
from simulators.compute_cluster.ledger import Ledger
from simulators.compute_cluster.power_metering import reckon_all
from simulators.compute_cluster.service_metering import ServiceMeter
from simulators.kpi import Kpi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.journal import Journal

__all__ = ["ClusterMeter"]

JOULES_PER_KWH = 3.6e6
SECONDS_PER_HOUR = 3600.0
GRAMS_PER_KG = 1000.0


class ClusterMeter:
    """Measures a cluster while its events come in; keeps something for every live job and every node only.

    Parameters
    ----------
    scenario
        The cluster.
    """

    def __init__(self, scenario: ComputeCluster) -> None:
        self._scenario = scenario
        self._places = Places(scenario)
        plan = layout(scenario)
        self._cores = float(plan.capacity[:, 0].sum())
        self._gpus = float(plan.capacity[:, 1].sum())
        places = self._places
        first = [places.first_rack, places.first_queue, places.first_class, places.first_user, places.first_shape]
        total = np.zeros(columns.TOTALS)
        total[columns.BEGIN_S] = scenario.warm_up_s
        total[columns.FIRST_SUBMIT_S] = -1.0
        self._ledger = Ledger(
            live=np.zeros((1024, columns.LIVE_COLUMNS)),
            task=_free_tasks(1024),
            node=_nodes(scenario, plan.capacity, plan.node_type, plan.rack),
            rack=_racks(scenario, plan.rack_type),
            total=total,
            group=np.zeros((1 + places.first_shape - places.first_queue, columns.GROUP_COLUMNS)),
            demand=plan.demand,
            price=scenario.tariff.by_hour(),
            place=np.array(first),
        )
        self._services = ServiceMeter(scenario)
        self._kpis: dict[str, Kpi] | None = None
        reckon_all(self._ledger)

    def add(self, piece: Journal) -> None:
        """Count the next events."""
        self._make_room(piece)
        metering.measure(self._ledger, piece)
        self._services.add(piece)

    def kpis(self) -> dict[str, Kpi]:
        """Return the figures of the whole run; ``docs/compute_cluster.md`` says what each means."""
        if self._kpis is None:
            metering.close(self._ledger, self._scenario.horizon_s)
            services = self._services.kpis(self._end_s())
            self._kpis = {**dict(self._of_cluster()), **dict(services), **dict(self._of_groups())}
        return self._kpis

    def _make_room(self, piece: Journal) -> None:
        """Make room for the jobs that a piece submits, and for the tasks that it starts."""
        ledger = self._ledger
        submitted = piece.entity[piece.event == SUBMIT]
        base = int(ledger.total[columns.BASE])
        if len(submitted) and int(submitted[-1]) - base >= len(ledger.live):
            alive = np.flatnonzero(ledger.live[:, columns.ALIVE])
            first = min([*alive[:1].tolist(), int(submitted[0]) - base])
            kept = ledger.live[first:]
            ledger.total[columns.BASE] = base = base + first
            need = int(submitted[-1]) - base + 1
            live = np.zeros((max(len(ledger.live), 2 * need), columns.LIVE_COLUMNS))
            live[: len(kept)] = kept
            ledger = ledger._replace(live=live)
        need = int(ledger.total[columns.HELD_TASKS]) + int((piece.event == TASK).sum())
        if need > len(ledger.task):
            ledger = _with_more_tasks(ledger, need)
        self._ledger = ledger

    # ---- figures

    def _of_cluster(self) -> Iterator[tuple[str, Kpi]]:
        total, group, rack = self._ledger.total, self._ledger.group[0], self._ledger.rack
        scenario = self._scenario
        first_s = max(float(total[columns.FIRST_SUBMIT_S]), 0.0)
        end_s = self._end_s()
        span_s = end_s - max(scenario.warm_up_s, first_s)
        yield "jobs_submitted", Kpi(float(group[columns.SUBMITTED]), "jobs")
        yield "jobs_ended", Kpi(float(group[columns.ENDED]), "jobs")
        yield "jobs_killed", Kpi(float(group[columns.KILLED]), "jobs")
        yield "jobs_rejected", Kpi(float(group[columns.REJECTED]), "jobs")
        yield "jobs_cancelled", Kpi(float(group[columns.CANCELLED]), "jobs")
        gone = (columns.ENDED, columns.KILLED, columns.REJECTED, columns.CANCELLED)
        yield "jobs_unfinished", Kpi(float(group[columns.SUBMITTED] - group[list(gone)].sum()), "jobs")
        if scenario.jobs.kind == "swf":
            yield "trace_lines_left_out", Kpi(float(scenario.jobs.trace().left_out), "lines")
        yield "wait_mean_s", Kpi(_ratio(group[columns.WAIT_S], group[columns.FIRST_STARTS]), "s")
        yield "wait_max_s", Kpi(float(group[columns.LONGEST_WAIT_S]), "s")
        yield "turnaround_mean_s", Kpi(_ratio(group[columns.TURNAROUND_S], group[columns.ENDED]), "s")
        yield "bounded_slowdown_mean", Kpi(_ratio(group[columns.SLOWDOWN], group[columns.ENDED]), "1")
        yield "bounded_slowdown_max", Kpi(float(group[columns.LARGEST_SLOWDOWN]), "1")
        yield "makespan_s", Kpi(end_s - first_s, "s")
        yield "waiting_mean", Kpi(_ratio(total[columns.WAITING_AREA], span_s), "jobs")
        yield "utilisation", Kpi(_ratio(total[columns.CORE_S], self._cores * span_s), "1")
        yield "goodput", Kpi(_ratio(group[columns.GOOD_CORE_S], self._cores * span_s), "1")
        if self._gpus:
            yield "gpu_utilisation", Kpi(_ratio(total[columns.GPU_S], self._gpus * span_s), "1")
            yield "gpu_goodput", Kpi(_ratio(group[columns.GOOD_GPU_S], self._gpus * span_s), "1")
            fragmentation = _ratio(total[columns.STRANDED_GPU_S], total[columns.FREE_GPU_S])
            yield "gpu_fragmentation", Kpi(fragmentation, "1")
        yield "fairness_jain", Kpi(self._fairness(), "1")
        yield "deadline_misses", Kpi(float(group[columns.DEADLINE_MISSES]), "jobs")
        yield "service_level_misses", Kpi(float(group[columns.LEVEL_MISSES]), "jobs")
        yield "interruptions", Kpi(float(group[columns.INTERRUPTIONS]), "1")
        yield "preemptions", Kpi(float(group[columns.PREEMPTIONS]), "1")
        pue = scenario.tariff.pue
        yield "energy_kwh", Kpi(float(total[columns.ENERGY_J]) * pue / JOULES_PER_KWH, "kWh")
        yield "energy_cost", Kpi(float(total[columns.COST]) * pue / JOULES_PER_KWH, scenario.tariff.currency)
        yield "carbon_kg", Kpi(float(total[columns.CARBON_G]) * pue / JOULES_PER_KWH / GRAMS_PER_KG, "kg")
        yield "rack_power_max_w", Kpi(float(rack[:, columns.PEAK_W].max()), "W")
        yield "rack_overload_s", Kpi(float(rack[:, columns.OVER_S].sum()), "s")

    def _end_s(self) -> float:
        total = self._ledger.total
        return self._scenario.horizon_s if total[columns.LIVE_JOBS] > 0 else float(total[columns.LAST_LEAVE_S])

    def _fairness(self) -> float:
        """Return Jain's index of the users' mean bounded slowdowns; 1: all alike."""
        users = self._ledger.group[1 + self._places.first_user - self._places.first_queue :]
        served = users[users[:, columns.ENDED] > 0]
        if not len(served):
            return float("nan")
        means = served[:, columns.SLOWDOWN] / served[:, columns.ENDED]
        return float(means.sum() ** 2 / (len(means) * (means**2).sum()))

    def _of_groups(self) -> Iterator[tuple[str, Kpi]]:
        first = self._places.first_queue
        for number, name in enumerate(self._places.names[first : self._places.first_shape], 1):
            group = self._ledger.group[number]
            yield f"{name}.jobs_ended", Kpi(float(group[columns.ENDED]), "jobs")
            yield f"{name}.wait_mean_s", Kpi(_ratio(group[columns.WAIT_S], group[columns.FIRST_STARTS]), "s")
            slowdown = _ratio(group[columns.SLOWDOWN], group[columns.ENDED])
            yield f"{name}.bounded_slowdown_mean", Kpi(slowdown, "1")
            yield f"{name}.work_core_h", Kpi(float(group[columns.GOOD_CORE_S]) / SECONDS_PER_HOUR, "h")


def _ratio(amount: float, count: float) -> float:
    return float(amount) / float(count) if count > 0 else float("nan")


def _with_more_tasks(ledger: Ledger, need: int) -> Ledger:
    old = len(ledger.task)
    more = _free_tasks(max(need, old))
    more[:, 1] += old
    more[-1, 1] = int(ledger.total[columns.FREE_TASK])
    ledger.total[columns.FREE_TASK] = old
    return ledger._replace(task=np.concatenate((ledger.task, more)))


def _free_tasks(count: int) -> NDArray[np.int64]:
    table = np.zeros((count, 2), np.int64)
    table[:, 1] = np.arange(1, count + 1)
    return table


def _nodes(
    scenario: ComputeCluster, capacity: NDArray[np.int64], node_type: NDArray[np.int64], rack: NDArray[np.int64]
) -> NDArray[np.float64]:
    types = scenario.node_types
    watts = [(one.idle_w, one.busy_w, 0.0 if one.sleep is None else one.sleep.power_w) for one in types]
    table = np.zeros((len(capacity), columns.NODE_COLUMNS))
    table[:, columns.HAS_CORES], table[:, columns.HAS_GPUS] = capacity[:, 0], capacity[:, 1]
    table[:, [columns.IDLE_W, columns.BUSY_W, columns.SLEEP_W]] = np.array(watts)[node_type]
    table[:, columns.RACK] = rack
    return table


def _racks(scenario: ComputeCluster, rack_type: NDArray[np.int64]) -> NDArray[np.float64]:
    limits = np.array([np.inf if one.rack_limit_w is None else one.rack_limit_w for one in scenario.node_types])
    table = np.zeros((len(rack_type), columns.RACK_COLUMNS))
    table[:, columns.LIMIT_W] = limits[rack_type]
    return table
