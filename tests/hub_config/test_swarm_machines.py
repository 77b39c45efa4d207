"""The machines of a swarm."""

from typing import Any

import pytest

from hub_config.engine import choose_session
from hub_config.errors import EngineError
from hub_config.settings import HubSettings
from hub_config.swarm_machines import Machine, machines, require_manager, roomiest

MANAGES = {"LocalNodeState": "active", "ControlAvailable": True, "NodeID": "id-here"}


class _Manager:
    """Answers as the engine's API does."""

    def __init__(self, swarm: dict[str, Any], nodes: list[dict[str, Any]] | None = None) -> None:
        self._swarm, self._nodes = swarm, nodes or []

    def info(self) -> dict[str, Any]:
        return {"Swarm": self._swarm}

    def nodes(self) -> list[dict[str, Any]]:
        return self._nodes


def _node(name: str, state: str = "ready", availability: str = "active", **labels: str) -> dict[str, Any]:
    return {
        "ID": f"id-{name}",
        "Status": {"State": state},
        "Spec": {"Availability": availability, "Labels": {f"io.shixun.{each}": labels[each] for each in labels}},
        "Description": {"Hostname": name, "Resources": {"MemoryBytes": 8 * 1024**3}},
    }


@pytest.mark.parametrize(
    "swarm",
    [{}, {"LocalNodeState": "inactive"}, {"LocalNodeState": "active", "ControlAvailable": False}],
)
def test_an_engine_that_manages_no_swarm_is_refused_with_what_to_do(swarm: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match=r"session='swarm'.*docker swarm init"):
        require_manager(_Manager(swarm))  # type: ignore[arg-type]


def test_a_manager_is_accepted() -> None:
    nodes = [_node("here", sessions="no"), _node("there", availability="drain")]
    require_manager(_Manager(MANAGES, nodes))  # type: ignore[arg-type]


@pytest.mark.parametrize("availability", ["pause", "drain"])
def test_a_manager_on_which_no_relay_may_run_is_refused_with_what_to_do(availability: str) -> None:
    nodes = [_node("here", availability=availability), _node("there")]
    with pytest.raises(EngineError, match=r"--availability active here.*--label-add io.shixun.sessions=no"):
        require_manager(_Manager(MANAGES, nodes))  # type: ignore[arg-type]


def test_machines_are_listed_with_why_they_take_no_sessions() -> None:
    nodes = [_node("d", availability="drain"), _node("a"), _node("b", state="down"), _node("c", sessions="no")]
    found = machines(_Manager({}, nodes))  # type: ignore[arg-type]
    assert [(each.name, each.away) for each in found] == [
        ("a", ""),
        ("b", "down"),
        ("c", "io.shixun.sessions=no"),
        ("d", "drain"),
    ]
    assert found[0] == Machine("id-a", "a", 8192)


def test_homes_are_spread_by_memory() -> None:
    large, small = Machine("l", "large", 24_000), Machine("s", "small", 8_000)
    homes: dict[str, int] = {}
    for _ in range(40):
        chosen = roomiest([small, large], homes)
        homes[chosen.id] = homes.get(chosen.id, 0) + 1
    assert homes == {"l": 30, "s": 10}


@pytest.mark.docker
def test_a_base_that_is_to_run_on_a_swarm_does_not_start_without_one(docker_client: Any) -> None:
    if docker_client.info()["Swarm"].get("ControlAvailable"):
        pytest.skip("this machine's engine manages a swarm")
    with pytest.raises(EngineError, match="docker swarm init"):
        choose_session(HubSettings(session="swarm"))
