"""How sessions are configured to run."""

import sys
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from hub_config.settings import HubSettings
from hub_config.spawner import apply_docker_spawner, apply_process_spawner


@pytest.fixture
def docker() -> Any:
    c = Config()
    apply_docker_spawner(c, HubSettings(memory_limit_mib=512, cpu_limit_cores=1.5, pids_limit=99), "172.18.0.1")
    return c


def test_containers_are_confined(docker: Any) -> None:
    assert docker.DockerSpawner.extra_create_kwargs["user"] == "1000:1000"
    host = docker.DockerSpawner.extra_host_config
    assert host["read_only"] is True
    assert host["cap_drop"] == ["ALL"]
    assert host["security_opt"] == ["no-new-privileges:true"]
    assert host["pids_limit"] == 99
    assert docker.DockerSpawner.mem_limit == host["memswap_limit"] == 512 * 1024**2
    assert docker.DockerSpawner.cpu_limit == 1.5


def test_nothing_of_the_host_is_mounted(docker: Any) -> None:
    assert docker.DockerSpawner.volumes == {"shixun-home-{username}": "/home/student"}


def test_containers_reach_grading_at_the_bridge(docker: Any) -> None:
    assert docker.Spawner.environment["SHIXUN_GRADING_URL"] == "http://172.18.0.1:8082/services/grading"


@pytest.mark.parametrize(("uid", "arguments"), [(0, ["--allow-root"]), (1000, [])])
def test_root_is_allowed_only_where_the_hub_is_root(tmp_path: Path, uid: int, arguments: list[str]) -> None:
    c = Config()
    apply_process_spawner(c, HubSettings(data_dir=tmp_path), "127.0.0.1", uid)
    assert c.Spawner.args == arguments
    assert c.Spawner.cmd == [sys.executable, "-m", "labs.session"]
    assert c.SimpleLocalProcessSpawner.home_dir_template == str(tmp_path / "homes" / "{username}")
