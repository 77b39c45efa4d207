"""The choice between containers and local processes."""

import pytest

from hub_config.engine import choose_session, connect_engine
from hub_config.errors import EngineError
from hub_config.settings import HubSettings


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_auto_means_processes() -> None:
    assert choose_session(HubSettings(session="auto")) == "process"


@pytest.mark.usefixtures("no_engine")
def test_containers_cannot_be_demanded_without_an_engine() -> None:
    with pytest.raises(EngineError, match=r"no Docker engine answers.*SHIXUN_SESSION=process"):
        choose_session(HubSettings(session="docker"))


@pytest.mark.docker
def test_with_an_engine_auto_means_containers() -> None:
    assert choose_session(HubSettings(session="auto")) == "docker"


@pytest.mark.docker
def test_processes_can_be_asked_for_beside_an_engine() -> None:
    assert choose_session(HubSettings(session="process")) == "process"


@pytest.mark.docker
def test_the_client_has_an_engine_behind_it() -> None:
    client = connect_engine()
    assert client.version()["Os"] == "linux"
    client.close()
