"""What fails by itself and is repaired, again and again: a node, or all nodes of a rack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from simpy.events import EventPriority

from simulators.compute_cluster.events import FAIL, REPAIR

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy

    from simulators.compute_cluster.machines import Failures
    from simulators.streams import Streams

__all__ = ["Ageing"]

NODES = EventPriority(1)


class Failing(Protocol):
    """Nodes that can fail."""

    def fail(self, node: int) -> None:
        """Let a node fail, for one more reason."""

    def repair(self, node: int) -> None:
        """Take one reason away for which a node is down."""


class Surroundings(Protocol):
    """What ageing needs of the cluster around it.

    Attributes
    ----------
    env
        SimPy's clock.
    record
        Takes an event.
    left
        Jobs that have not ended; without any, nothing fails any more.
    """

    env: simpy.Environment
    record: Callable[[tuple[float, int, int, int]], None]
    left: int

    def request_pass(self) -> None:
        """Let the scheduler look again."""

    def after(self, delay_s: float, priority: EventPriority, happening: Callable[[simpy.Event], None]) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""


class Ageing:
    """Times to failure and to repair, drawn in turn.

    Parameters
    ----------
    cluster, failing
        Whose nodes they are, and what lets them fail.
    name
        Of the streams.
    failures
        How long it is up, and how long a repair takes.
    streams
        Where random numbers come from.
    nodes
        What fails together.
    rack_place
        Place of the rack, -1 for a node by itself.
    """

    def __init__(
        self,
        cluster: Surroundings,
        failing: Failing,
        name: str,
        failures: Failures,
        streams: Streams,
        nodes: list[int],
        rack_place: int,
    ) -> None:
        self._cluster, self._failing = cluster, failing
        self._up_time = streams.sampler(f"{name}.up_time", failures.up_time)
        self._repair_time = streams.sampler(f"{name}.repair_time", failures.repair_time)
        self._nodes = nodes
        self._rack_place = rack_place
        self._repair_due: simpy.Event | None = None
        cluster.after(self._up_time(), NODES, self._fail)

    @property
    def down(self) -> bool:
        """Whether it has failed and is not repaired yet."""
        return self._repair_due is not None

    def repair(self) -> None:
        """Be repaired now."""
        cluster = self._cluster
        self._repair_due = None
        if self._rack_place >= 0:
            cluster.record((cluster.env.now, REPAIR, -1, self._rack_place))
        for node in self._nodes:
            self._failing.repair(node)
        cluster.request_pass()
        cluster.after(self._up_time(), NODES, self._fail)

    def _fail(self, _: simpy.Event) -> None:
        cluster = self._cluster
        if cluster.left:
            if self._rack_place >= 0:
                cluster.record((cluster.env.now, FAIL, -1, self._rack_place))
            for node in self._nodes:
                self._failing.fail(node)
            cluster.request_pass()
            self._repair_due = cluster.after(self._repair_time(), NODES, self._repaired)

    def _repaired(self, event: simpy.Event) -> None:
        if event is self._repair_due and self._cluster.left:  # else somebody has been earlier
            self.repair()
