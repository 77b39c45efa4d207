"""How sessions of a swarm are configured to run."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from traitlets.config import Config

from hub_config.errors import SwarmError
from hub_config.settings import HubSettings
from hub_config.spawner import apply_docker_spawner
from hub_config.swarm_homes import HomeLedger
from hub_config.swarm_machines import Machine
from hub_config.swarm_spawner import SwarmSessions, SwarmSessionSpawner, apply_swarm_spawner

EAST, WEST = Machine("e", "east", 8192), Machine("w", "west", 8192)


@pytest.fixture
def swarm() -> Any:
    c = Config()
    apply_swarm_spawner(c, HubSettings(hub_port=9081), "172.18.0.1")
    return c


def test_sessions_ask_their_relay(swarm: Any) -> None:
    assert swarm.JupyterHub.spawner_class is SwarmSessionSpawner
    assert swarm.Spawner.hub_connect_url == "http://base:9081"
    environment = swarm.Spawner.environment
    assert environment["SHIXUN_GRADING_URL"] == "http://base:8082/services/grading"
    assert environment["SHIXUN_NOTICES_URL"] == "http://base:9081/notices"


def test_everything_else_is_as_on_one_host(swarm: Any) -> None:
    one_host: Any = Config()
    apply_docker_spawner(one_host, HubSettings(hub_port=9081), "base")
    assert swarm.DockerSpawner == one_host.DockerSpawner
    assert swarm.WarmDockerSpawner == one_host.WarmDockerSpawner
    assert swarm.Spawner.cmd == one_host.Spawner.cmd


def test_a_swarm_has_no_pool() -> None:
    with pytest.raises(ValidationError, match="has no pool"):
        HubSettings(session="swarm", pool_size=5)


def test_tls_inside_is_refused_rather_than_left_out() -> None:
    with pytest.raises(ValidationError, match="unset SHIXUN_INTERNAL_TLS"):
        HubSettings(session="swarm", internal_tls=True)


def test_shared_files_have_one_place() -> None:
    with pytest.raises(ValidationError, match="absolute path"):
        HubSettings(swarm_homes=Path("homes"))


def test_who_has_shared_files_may_run_anywhere_and_finds_a_folder_of_her_own(tmp_path: Path) -> None:
    sessions = SwarmSessions(HubSettings(swarm_homes=tmp_path), "172.18.0.1", HomeLedger(tmp_path / "homes.json"))
    folder = tmp_path / "shixun-home-anne"
    folder.mkdir(mode=0o700)
    (folder / "work.txt").write_text("12")
    assert sessions.settle("shixun-home-anne", [EAST, WEST], "", {"e": 1}) == "w"
    assert (folder / "work.txt").read_text() == "12"
    assert not (tmp_path / "homes.json").exists()


def test_whose_files_are_still_in_a_volume_gets_no_empty_folder(tmp_path: Path) -> None:
    homes = HomeLedger(tmp_path / "homes.json")
    sessions = SwarmSessions(HubSettings(swarm_homes=tmp_path), "172.18.0.1", homes)
    with pytest.raises(SwarmError, match="have not been moved"):
        sessions.settle("shixun-home-anne", [EAST], "e", {})
    homes.settle("shixun-home-bert", [EAST])
    with pytest.raises(SwarmError, match="have not been moved"):
        sessions.settle("shixun-home-bert", [EAST], "", {})
    assert {path.name for path in tmp_path.iterdir()} == {"homes.json"}
