"""What the SimPy engine's schedulers may do with the cluster that they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy
    from simpy.events import EventPriority

    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.machine import Machine
    from simulators.compute_cluster.pending import Pending
    from simulators.compute_cluster.scenario import ComputeCluster

__all__ = ["Operations"]


class Operations(Protocol):
    """A cluster, as its scheduler sees it.

    Attributes
    ----------
    env
        SimPy's clock.
    scenario, layout, machine
        The machine, as data and as it is now.
    running
        ``(expected end, number of the start, job)`` of every running job, in order.
    record
        Takes an event.
    kills
        Whether jobs are ended at their estimates.
    """

    env: simpy.Environment
    scenario: ComputeCluster
    layout: Layout
    machine: Machine
    running: list[tuple[float, int, Pending]]
    record: Callable[[tuple[float, int, int, int]], None]
    kills: bool

    def start(self, job: Pending, nodes: list[int] | None = None) -> None:
        """Start a job that fits, on these nodes or on those that the placement chooses."""

    def preempt(self, job: Pending) -> None:
        """Take its nodes from a running job."""

    def wake_for(self, job: Pending) -> None:
        """Wake sleeping nodes for a job that does not fit."""

    def ended(self, job: Pending, kind: int) -> None:
        """Go on after a job has left for good."""

    def slowdown(self, nodes: list[int]) -> float:
        """Return what the time of work on these nodes is multiplied with."""

    def after(self, delay_s: float, priority: EventPriority, happening: Callable[[simpy.Event], None]) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""
