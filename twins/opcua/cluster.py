"""A compute cluster as OPC UA shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.compute_cluster.commands import FailNode, RepairNode
from twins.opcua.thing import Action, Data, Snapshot, Thing, Value

if TYPE_CHECKING:
    from simulators.compute_cluster import ComputeCluster

__all__ = ["things"]


def things(scenario: ComputeCluster, snapshot: Snapshot) -> tuple[Thing, ...]:
    """Return the racks with their nodes, and the queues."""
    labels = {one.name: one.label for one in scenario.node_types}
    racks: dict[str, list[Thing]] = {}
    for number, node in enumerate(snapshot["nodes"]):
        title = labels[node["name"].rpartition(".")[0]]
        racks.setdefault(node["rack"], []).append(_node(snapshot, number, title))
    cluster = Thing(
        "Cluster",
        "ClusterType",
        values=(
            Value("JobsLeft", "Int64", lambda now: now["jobs_left"]),
            Value("JobsRunning", "Int64", lambda now: len(now["running"])),
        ),
    )
    queues = [_queue(snapshot, number) for number in range(len(snapshot["queues"]))]
    return (
        cluster,
        Thing("Racks", "FolderType", parts=tuple(Thing(n, "RackType", parts=tuple(p)) for n, p in racks.items())),
        Thing("Queues", "FolderType", parts=tuple(queues)),
    )


def _node(snapshot: Snapshot, number: int, title: Any) -> Thing:  # noqa: ANN401 - a text or none
    name = snapshot["nodes"][number]["name"]

    def of(now: Snapshot) -> dict[str, Any]:
        found: dict[str, Any] = now["nodes"][number]
        return found

    def drain(drained: bool) -> Data:
        return {"command": "drain_node" if drained else "resume_node", "node": name}

    return Thing(
        name,
        "NodeType",
        title,
        values=(
            Value("State", "String", lambda now: of(now)["state"]),
            Value("Drained", "Boolean", lambda now: of(now)["drained"], drain),
            Value("Cores", "Int64", lambda now: of(now)["cores"]),
            Value("CoresUsed", "Int64", lambda now: of(now)["cores_used"]),
            Value("Gpus", "Int64", lambda now: of(now)["gpus"]),
            Value("GpusUsed", "Int64", lambda now: of(now)["gpus_used"]),
            Value("Jobs", "Int64", lambda now: len(of(now)["jobs"])),
        ),
        actions=(Action("Fail", FailNode, {"node": name}), Action("Repair", RepairNode, {"node": name})),
        place=name,
    )


def _queue(snapshot: Snapshot, number: int) -> Thing:
    name = snapshot["queues"][number]["name"]

    def hold(held: bool) -> Data:
        return {"command": "hold_queue" if held else "release_queue", "queue": name}

    return Thing(
        name,
        "QueueType",
        values=(
            Value("Waiting", "Int64", lambda now: len(now["queues"][number]["waiting"])),
            Value("Held", "Boolean", lambda now: now["queues"][number]["held"], hold),
        ),
    )
