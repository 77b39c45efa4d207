"""A session as a service of a swarm: confined as a container on one host is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub_config.settings import HubSettings
from hub_config.spawner import CONTAINER_HOME, CONTAINER_USER, container_labels, container_limits
from hub_config.swarm_relay import SESSION

__all__ = ["TEMPORARY_BYTES", "Task", "service_creation"]

TEMPORARY_BYTES = 256 * 1024**2
_GRACE_NS = 10 * 10**9


@dataclass(frozen=True)
class Task:
    """What a service is to run.

    Attributes
    ----------
    name
        Name of the session.
    image_id
        The image, by its number: every machine then runs the same build or says that it lacks it, and none asks a
        registry first.
    command
        Program and arguments.
    environment
        Environment variables.
    memory_bytes, cpu_cores
        What it may use.
    volume
        Name of the volume, or of the folder that all machines share.
    machine
        Number of the machine on which it runs.
    """

    name: str
    image_id: str
    command: Sequence[str]
    environment: Mapping[str, str]
    memory_bytes: int
    cpu_cores: float
    volume: str
    machine: str


def service_creation(settings: HubSettings, task: Task) -> dict[str, Any]:
    """Build how a session's service is created.

    Parameters
    ----------
    settings
        The hub's settings.
    task
        What it runs.

    Returns
    -------
    dict
        Arguments of docker-py's ``create_service``.
    """
    limits = container_limits(settings)
    labels = container_labels(settings)
    return {
        "name": task.name,
        "labels": labels,
        # Without a virtual address: there is one task, and it needs no balancing.
        "endpoint_spec": {"Mode": "dnsrr"},
        "mode": {"Replicated": {"Replicas": 1}},
        "task_template": {
            "ContainerSpec": {
                "Image": task.image_id,
                # Engines before 25 cannot forbid new privileges to a service, so the session's first program does.
                "Args": ["setpriv", "--no-new-privs", "--", *task.command],
                "Env": [f"{name}={value}" for name, value in task.environment.items()],
                "User": CONTAINER_USER,
                "Labels": labels,
                "CapabilityDrop": limits["cap_drop"],
                "DNSConfig": {"Nameservers": limits["dns"], "Options": limits["dns_opt"]},
                "Init": limits["init"],
                "ReadOnly": limits["read_only"],
                "StopGracePeriod": _GRACE_NS,
                "Mounts": [
                    _home(settings.swarm_homes, task.volume),
                    {
                        "Type": "tmpfs",
                        "Target": "/tmp",  # noqa: S108 the container's own
                        "TmpfsOptions": {"SizeBytes": TEMPORARY_BYTES, "Mode": 0o1777},
                    },
                ],
            },
            "Resources": {
                "Limits": {
                    "MemoryBytes": task.memory_bytes,
                    "NanoCPUs": int(task.cpu_cores * 1e9),
                    "Pids": limits["pids_limit"],
                }
            },
            # Never moved to another machine, where her files may not be.
            "RestartPolicy": {"Condition": "none"},
            # By its number: swarm would end a session whose machine no longer answers to a label.
            "Placement": {"Constraints": [f"node.id=={task.machine}"]},
            "Networks": [{"Target": task.name, "Aliases": [SESSION]}],
        },
    }


def _home(shared: Path | None, volume: str) -> dict[str, str]:
    if shared:
        return {"Type": "bind", "Source": str(shared / volume), "Target": CONTAINER_HOME}
    return {"Type": "volume", "Source": volume, "Target": CONTAINER_HOME}
