"""A session as a service: what the engine is asked for."""

from pathlib import Path
from typing import Any

import pytest

from hub_config.settings import HubSettings
from hub_config.spawner import container_limits
from hub_config.swarm_service import TEMPORARY_BYTES, Task, service_creation

TASK = Task(
    name="shixun-anne",
    image_id="sha256:0123",
    command=["python", "-m", "labs.session"],
    environment={"HOME": "/home/student", "A": "b=c"},
    memory_bytes=512 * 1024**2,
    cpu_cores=1.5,
    volume="shixun-home-anne",
    machine="n1",
)


@pytest.fixture
def creation() -> dict[str, Any]:
    return service_creation(HubSettings(pids_limit=99), TASK)


def test_a_service_is_confined_as_a_container_is(creation: dict[str, Any]) -> None:
    spec, limits = creation["task_template"]["ContainerSpec"], container_limits(HubSettings(pids_limit=99))
    assert spec["User"] == "1000:1000"
    assert spec["ReadOnly"] is limits["read_only"] is True
    assert spec["CapabilityDrop"] == limits["cap_drop"] == ["ALL"]
    assert spec["Init"] is limits["init"] is True
    assert spec["DNSConfig"] == {"Nameservers": limits["dns"], "Options": limits["dns_opt"]}
    assert spec["Args"] == ["setpriv", "--no-new-privs", "--", "python", "-m", "labs.session"]
    assert creation["task_template"]["Resources"]["Limits"] == {
        "MemoryBytes": 512 * 1024**2,
        "NanoCPUs": 1_500_000_000,
        "Pids": 99,
    }
    assert limits["mounts"] == []
    # Everything that confines a container on one host has its counterpart above; a new limit there must find one here.
    assert limits.keys() == {
        "cap_drop",
        "dns",
        "dns_opt",
        "init",
        "memswap_limit",  # swap cannot be forbidden to a service: docs/administrators.md
        "mounts",  # for certificates: TLS inside and a swarm are not combined
        "pids_limit",
        "read_only",
        "security_opt",
        "tmpfs",
    }


def test_the_temporary_folder_is_as_large_as_on_one_host(creation: dict[str, Any]) -> None:
    tmpfs: Any = container_limits(HubSettings())["tmpfs"]
    assert f"size={TEMPORARY_BYTES // 1024**2}m" in tmpfs["/tmp"]  # noqa: S108 the container's own
    assert creation["task_template"]["ContainerSpec"]["Mounts"][1]["TmpfsOptions"]["SizeBytes"] == TEMPORARY_BYTES


def test_nothing_of_a_machine_is_mounted(creation: dict[str, Any]) -> None:
    mounts = creation["task_template"]["ContainerSpec"]["Mounts"]
    assert [(mount["Type"], mount.get("Source")) for mount in mounts] == [
        ("volume", "shixun-home-anne"),
        ("tmpfs", None),
    ]


def test_it_runs_where_her_files_are_and_is_never_moved(creation: dict[str, Any]) -> None:
    assert creation["task_template"]["Placement"] == {"Constraints": ["node.id==n1"]}
    assert creation["task_template"]["RestartPolicy"] == {"Condition": "none"}


def test_shared_files_are_mounted_from_their_folder() -> None:
    creation = service_creation(HubSettings(swarm_homes=Path("/srv/homes")), TASK)
    assert creation["task_template"]["ContainerSpec"]["Mounts"][0] == {
        "Type": "bind",
        "Source": "/srv/homes/shixun-home-anne",
        "Target": "/home/student",
    }


def test_its_only_network_is_its_own_and_no_port_is_published(creation: dict[str, Any]) -> None:
    assert creation["task_template"]["Networks"] == [{"Target": "shixun-anne", "Aliases": ["session"]}]
    assert creation["endpoint_spec"] == {"Mode": "dnsrr"}


def test_it_bears_the_bases_labels(creation: dict[str, Any]) -> None:
    labels = {"io.shixun.session": "true", "io.shixun.network": "shixun"}
    assert creation["labels"] == creation["task_template"]["ContainerSpec"]["Labels"] == labels
