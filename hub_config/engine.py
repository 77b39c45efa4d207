"""The Docker engine, where there is one."""

from contextlib import closing

import docker
import requests.exceptions
from docker.errors import DockerException

from hub_config.errors import EngineError
from hub_config.settings import HubSettings, Session
from hub_config.swarm_encryption import require_encryption
from hub_config.swarm_machines import require_manager

_TIMEOUT_S = 10


def connect_engine(timeout_s: float = _TIMEOUT_S) -> docker.DockerClient:
    """Connect to the Docker engine that the environment names (``DOCKER_HOST``), or this machine's.

    Parameters
    ----------
    timeout_s
        Longest silence of the engine, in seconds, before a request fails.

    Returns
    -------
    docker.DockerClient
        A client whose engine has just answered; close it after use.

    Raises
    ------
    EngineError
        When no engine answers.
    """
    try:
        client = docker.from_env(timeout=int(timeout_s))
    except DockerException as error:
        raise EngineError(_no_engine(error)) from error
    try:
        client.ping()
    except (DockerException, requests.exceptions.RequestException) as error:
        client.close()
        raise EngineError(_no_engine(error)) from error
    return client


def engine_answers() -> bool:
    """Tell whether a Docker engine answers."""
    try:
        connect_engine().close()
    except EngineError:
        return False
    return True


def choose_session(settings: HubSettings) -> Session:
    """Decide how sessions run.

    Parameters
    ----------
    settings
        The hub's settings.

    Returns
    -------
    Session
        What the settings name; for ``auto`` containers where an engine answers, else local processes.

    Raises
    ------
    EngineError
        When containers are demanded and no engine answers, or a swarm and it manages none or cannot encrypt.
    """
    if settings.session == "process":
        return "process"
    if settings.session == "auto" and not engine_answers():
        return "process"
    with closing(connect_engine()) as client:
        if settings.session == "swarm":
            require_manager(client.api)
            require_encryption(client, settings)
            return "swarm"
    return "docker"


def _no_engine(error: Exception) -> str:
    return (
        f"no Docker engine answers ({error}). Install and start one (Debian: apt-get install docker.io), "
        "let this user reach it (group docker), or set SHIXUN_SESSION=process to try out without isolation."
    )
