"""How sessions are configured to run."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets.config import Config

from hub_config.ports import PORTS
from hub_config.settings import HubSettings
from hub_config.spawner import ProcessSpawner, apply_docker_spawner, apply_process_spawner, pool_creation
from hub_config.warm_spawner import WarmDockerSpawner


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


@pytest.mark.parametrize("spawner", [ProcessSpawner, WarmDockerSpawner])
def test_while_a_session_starts_it_is_told_in_chinese_first(spawner: Any) -> None:
    async def told() -> list[str]:
        return [event["message"] async for event in spawner().progress()]

    assert asyncio.run(told()) == ["正在启动会话 · Starting your session"]


def test_a_container_started_ahead_is_created_as_one_started_cold(docker: Any) -> None:
    settings = HubSettings(memory_limit_mib=512, cpu_limit_cores=1.5, pids_limit=99)
    ahead = pool_creation(settings, "172.18.0.1")
    assert ahead["environment"] == docker.Spawner.environment
    assert ahead["labels"] == docker.DockerSpawner.extra_create_kwargs["labels"]
    assert ahead["user"] == docker.DockerSpawner.extra_create_kwargs["user"]
    host = ahead["host_config"]
    assert isinstance(host, dict)
    assert docker.DockerSpawner.extra_host_config.items() <= host.items()
    assert host["mem_limit"] == docker.DockerSpawner.mem_limit
    assert host["cpu_quota"] / host["cpu_period"] == docker.DockerSpawner.cpu_limit
    assert host["network_mode"] == docker.DockerSpawner.network_name
    assert host["auto_remove"] is docker.DockerSpawner.remove


def test_sessions_ask_the_gate_and_the_hub_turns_nobody_away(docker: Any) -> None:
    assert docker.Spawner.hub_connect_url == "http://172.18.0.1:8081"
    assert docker.JupyterHub.concurrent_spawn_limit == 0


def test_a_local_session_listens_where_no_connection_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(self: Any) -> tuple[str, int]:
        return "127.0.0.1", self.port

    monkeypatch.setattr(SimpleLocalProcessSpawner, "start", start)
    spawner = ProcessSpawner(home_dir_template=str(tmp_path / "{username}"))
    monkeypatch.setattr(ProcessSpawner, "home_dir", str(tmp_path / "home"))
    chosen = {asyncio.run(spawner.start())[1] for _ in range(5)}
    assert chosen <= set(PORTS)
    assert len(chosen) > 1  # chosen anew at each start
