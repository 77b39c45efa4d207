"""The sessions' network."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from hub_config.errors import EngineError
from hub_config.network import ensure_network, gateway

SOUND = {
    "Driver": "bridge",
    "Internal": True,
    "Options": {"com.docker.network.bridge.enable_icc": "false"},
    "Labels": {"io.shixun.network": "school"},
    "IPAM": {"Config": [{"Subnet": "172.30.0.0/16", "Gateway": "172.30.0.1"}]},
}


def test_the_bridges_address_is_read() -> None:
    assert gateway("school", SOUND) == "172.30.0.1"


@pytest.mark.parametrize(
    "change",
    [
        {"Driver": "overlay"},
        {"Internal": False},
        {"Options": {}},
        {"Options": None},
        {"Options": {"com.docker.network.bridge.enable_icc": "true"}},
        {"Labels": {}},
        {"Labels": {"io.shixun.network": "another"}},
    ],
)
def test_a_network_that_does_not_keep_sessions_apart_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match=r"docker_network='school'.*docker network rm school"):
        gateway("school", SOUND | change)


def test_a_network_without_an_address_is_refused() -> None:
    with pytest.raises(EngineError, match="no address"):
        gateway("school", SOUND | {"IPAM": {"Config": []}})


@pytest.fixture
def name(docker_client: Any) -> Iterator[str]:
    name = f"shixun-test-{secrets.token_hex(3)}"
    yield name
    for network in docker_client.networks.list(names=[name]):
        network.remove()


@pytest.mark.docker
def test_a_network_is_made_once(docker_client: Any, name: str) -> None:
    first = ensure_network(docker_client, name)
    assert ensure_network(docker_client, name) == first


@pytest.mark.docker
def test_somebody_elses_network_is_not_used(docker_client: Any, name: str) -> None:
    docker_client.networks.create(name, driver="bridge")
    with pytest.raises(EngineError, match="not made by shixun"):
        ensure_network(docker_client, name)
