"""A cluster that runs, as whoever commands it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.command import choice
from simulators.compute_cluster.commands import DrainNode, FailNode, HoldQueue, ReleaseQueue, RepairNode, ResumeNode
from simulators.compute_cluster.events import COMMAND
from simulators.compute_cluster.simpy_engine import Cluster
from simulators.compute_cluster.simpy_nodes import NODES
from simulators.errors import CommandError

if TYPE_CHECKING:
    import simpy

    from simulators.command import Command
    from simulators.compute_cluster.pending import Pending
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["RunningCluster"]

CORES, GPUS = 0, 1


class RunningCluster:
    """A cluster at its beginning, to be moved on by ``env``.

    Parameters
    ----------
    scenario
        The cluster.
    streams
        Where its random numbers come from.
    recorder
        Takes its events.
    """

    def __init__(self, scenario: ComputeCluster, streams: Streams, recorder: Recorder) -> None:
        self._scenario = scenario
        self._record = recorder.record
        self._cluster = cluster = Cluster(scenario, streams, recorder)
        names = cluster.places.names
        self._nodes = {name: node for node, name in enumerate(names[: cluster.places.nodes])}
        self._queues = {queue.name: number for number, queue in enumerate(scenario.queues)}
        self._demand: list[list[int]] = cluster.layout.demand.tolist()
        self._broken: dict[int, simpy.Event | None] = {}  # nodes that were broken by hand, with what ends that

    @property
    def env(self) -> simpy.Environment:
        """SimPy's environment."""
        return self._cluster.env

    def apply(self, command: Command, number: int) -> None:
        """Carry a command out; see :class:`simulators.command.Plant`.

        What the scheduler makes of it happens when time goes on, though at the same instant.
        """
        match command:
            case DrainNode() | ResumeNode():
                self._drain(command, number)
            case FailNode():
                node = self._node(command.node)
                if self._cluster.nodes.down[node]:
                    raise command.refused(field="node", because="is down already", fault="state")
                self._note(number, node)
                self._break(node, command.repair_time_s)
            case RepairNode():
                self._repair(command.node, number)
            case HoldQueue() | ReleaseQueue():
                self._hold(command, number)

    def _drain(self, command: DrainNode | ResumeNode, number: int) -> None:
        node, wanted = self._node(command.node), isinstance(command, DrainNode)
        if self._cluster.nodes.drained[node] == wanted:
            raise command.refused(
                field="node", because="is drained already" if wanted else "is not drained", fault="state"
            )
        self._note(number, node)
        self._cluster.nodes.drain(node, drained=wanted)

    def _break(self, node: int, repair_time_s: float | None) -> None:
        cluster = self._cluster
        cluster.nodes.fail(node)
        cluster.request_pass()
        timer: simpy.Event | None = None
        if repair_time_s is not None:
            timer = cluster.after(repair_time_s, NODES, lambda event: self._mended(node, event))
        self._broken[node] = timer

    def _mended(self, node: int, event: simpy.Event) -> None:
        if self._broken.get(node) is event:  # else somebody has been earlier
            self._mend(node)

    def _mend(self, node: int) -> None:
        del self._broken[node]
        self._cluster.nodes.repair(node)
        self._cluster.request_pass()

    def _repair(self, name: str, number: int) -> None:
        node = self._node(name)
        ageing = self._cluster.nodes.ageing.get(node)
        by_itself = ageing is not None and ageing.down
        if not self._cluster.nodes.down[node]:
            raise CommandError(field="node", value=name, message="is not down", fault="state")
        if node not in self._broken and not by_itself:
            raise CommandError(field="node", value=name, message="is down with its whole rack", fault="state")
        self._note(number, node)
        if node in self._broken:
            self._mend(node)
        if ageing is not None and by_itself:
            ageing.repair()

    def _hold(self, command: HoldQueue | ReleaseQueue, number: int) -> None:
        scheduler, wanted = self._cluster.scheduler, isinstance(command, HoldQueue)
        if command.queue not in self._queues:
            raise command.refused(field="queue", because=choice(self._queues))
        queue = self._queues[command.queue]
        if (queue in scheduler.held) == wanted:
            raise command.refused(field="queue", because="is held already" if wanted else "is not held", fault="state")
        self._note(number, self._cluster.places.first_queue + queue)
        scheduler.held ^= {queue}
        self._cluster.request_pass()

    def snapshot(self) -> dict[str, Any]:
        """Return what every node does, and who waits; jobs by number."""
        cluster = self._cluster
        started = sorted((job for *_, job in cluster.running), key=lambda job: job.number)
        running = [job for job in started if job.timer is not None]
        jobs: list[list[Pending]] = [[] for _ in self._nodes]
        for job in running:
            for node in job.nodes:  # once for each of its tasks there
                jobs[node].append(job)
        return {
            "jobs_left": cluster.left,
            "nodes": [self._of_node(name, node, jobs[node]) for name, node in self._nodes.items()],
            "queues": [
                {
                    "name": name,
                    "held": number in cluster.scheduler.held,
                    "waiting": [job.number for job in cluster.scheduler.queues[number]],
                }
                for name, number in self._queues.items()
            ],
            "running": [
                {
                    "job": job.number,
                    "nodes": [cluster.places.names[node] for node in job.nodes],
                    "cores": job.cores,
                    "since_s": job.started_s,
                }
                for job in running
            ],
        }

    def _of_node(self, name: str, node: int, tasks: list[Pending]) -> dict[str, Any]:
        cluster = self._cluster
        capacity, demand = cluster.machine.capacity[node], self._demand
        return {
            "name": name,
            "rack": cluster.places.names[cluster.places.first_rack + cluster.machine.rack[node]],
            "state": self._state(node, idle=not tasks),
            "drained": cluster.nodes.drained[node],
            "jobs": sorted({job.number for job in tasks}),
            "cores": capacity[CORES],
            "cores_used": sum(demand[job.shape][CORES] for job in tasks),
            "gpus": capacity[GPUS],
            "gpus_used": sum(demand[job.shape][GPUS] for job in tasks),
        }

    def _state(self, node: int, *, idle: bool) -> str:
        cluster = self._cluster
        if cluster.nodes.down[node]:
            return "down"
        if cluster.nodes.drained[node]:
            return "drained" if idle else "draining"
        if cluster.nodes.asleep[node]:
            return "asleep"
        return "waking" if cluster.nodes.waking[node] else "up"

    def _note(self, number: int, place: int) -> None:
        self._record((self.env.now, COMMAND, number, place))

    def _node(self, name: str) -> int:
        if name not in self._nodes:
            raise CommandError(field="node", value=name, message=choice(self._nodes))
        scheduler = self._scenario.scheduler
        counts = scheduler.backfilling == "conservative" and self._scenario.plans_by_counting
        if scheduler.time_slicing is not None or counts:
            plan = "time_slicing" if scheduler.time_slicing is not None else "conservative backfilling"
            raise CommandError(
                field="node", value=name, message=f"cannot be taken away: {plan} plans with every node", fault="state"
            )
        return self._nodes[name]
