"""The link of one session: a network across machines that only she and a relay share, and the relay.

The network is internal, so it leads nowhere, and has two members. The relay (`hub_config.swarm_relay`) stands on the
hub's machine and has a second leg on the sessions' bridge there, where gate and grading service listen and where hub
and proxy find it in the place of the session.
"""

from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound

from hub_config import swarm_relay
from hub_config.network import LABEL as NETWORK_LABEL
from hub_config.settings import HubSettings
from hub_config.spawner import CONTAINER_PYTHON, CONTAINER_USER, container_labels, container_limits

__all__ = ["close_link", "mend_link", "open_link", "relay_creation", "remove_swarm_sessions", "session_network"]

_MEMORY_BYTES = 64 * 1024**2
_PROCESSES = 16


def session_network(settings: HubSettings, name: str) -> dict[str, Any]:
    """Build how the network of a session is made.

    Parameters
    ----------
    settings
        The hub's settings.
    name
        Its name, the session's.

    Returns
    -------
    dict
        Arguments of docker-py's ``create_network``.
    """
    return {
        "name": name,
        "driver": "overlay",
        "scope": "swarm",
        "attachable": True,
        "internal": True,
        "options": {"encrypted": ""} if settings.swarm_encrypted else {},
        "labels": {NETWORK_LABEL: settings.docker_network},
    }


def relay_creation(settings: HubSettings, host: str, session_port: int) -> dict[str, Any]:
    """Build how the relay of a session is created: as confined as the session itself.

    Parameters
    ----------
    settings
        The hub's settings.
    host
        Address of the sessions' bridge.
    session_port
        Port of the session.

    Returns
    -------
    dict
        Arguments of docker-py's ``create_container``; ``host_config`` those of ``create_host_config``.
    """
    program = Path(swarm_relay.__file__).read_text(encoding="utf-8")
    ports = (session_port, settings.hub_port, settings.grading_port)
    return {
        "image": settings.lab_image,
        "command": [CONTAINER_PYTHON, "-IS", "-c", program, host, *map(str, ports)],
        "user": CONTAINER_USER,
        "working_dir": "/",
        "labels": container_labels(settings),
        "host_config": {
            **container_limits(settings),
            "mem_limit": _MEMORY_BYTES,
            "memswap_limit": _MEMORY_BYTES,
            "pids_limit": _PROCESSES,
            "network_mode": settings.docker_network,
            # When this machine starts anew, sessions on others go on.
            "restart_policy": {"Name": "unless-stopped"},
        },
    }


def open_link(client: docker.APIClient, settings: HubSettings, host: str, name: str, session_port: int) -> None:
    """Make the network of a session and start its relay, in place of what an earlier session left.

    Parameters
    ----------
    client
        A client of the manager.
    settings, host, session_port
        As of `relay_creation`.
    name
        Name of the session, which network and relay bear too.

    Raises
    ------
    DockerException
        When the engine refuses.
    """
    close_link(client, name)
    client.create_network(**session_network(settings, name))
    _start_relay(client, settings, host, name, session_port)


def mend_link(client: docker.APIClient, settings: HubSettings, host: str, name: str, session_port: int) -> str:
    """Find the relay of a session, starting it anew where it has ended.

    Parameters
    ----------
    client, settings, host, name, session_port
        As of `open_link`.

    Returns
    -------
    str
        The relay's address on the sessions' bridge.

    Raises
    ------
    DockerException
        When the engine refuses.
    """
    try:
        relay = client.inspect_container(name)
    except NotFound:
        relay = {}
    if not relay or not relay["State"]["Running"]:
        _remove_relay(client, name)
        _start_relay(client, settings, host, name, session_port)
        relay = client.inspect_container(name)
    return str(relay["NetworkSettings"]["Networks"][settings.docker_network]["IPAddress"])


def close_link(client: docker.APIClient, name: str) -> None:
    """Remove relay and network of a session; what is not there is no fault.

    Parameters
    ----------
    client, name
        As of `open_link`.
    """
    _remove_relay(client, name)
    try:
        client.remove_network(name)
    except APIError as error:
        # Also where only this engine still knows of it, which it tells as a fault of its own.
        if "not found" not in str(error.explanation).lower():
            raise


def remove_swarm_sessions(client: docker.DockerClient, network: str) -> list[str]:
    """Remove what a hub left of its sessions in a swarm; students' files stay.

    Parameters
    ----------
    client
        A client of the manager.
    network
        The sessions' bridge, whose name services and networks carry as a label.

    Returns
    -------
    list[str]
        Names of the sessions.
    """
    ours = {"label": f"{NETWORK_LABEL}={network}"}
    removed = []
    engine: Any = client.api
    for service in engine.services(filters=ours):
        engine.remove_service(service["ID"])
        removed.append(service["Spec"]["Name"])
    for link in client.networks.list(filters=ours | {"driver": "overlay"}):
        close_link(engine, str(link.name))
    return removed


def _start_relay(client: docker.APIClient, settings: HubSettings, host: str, name: str, session_port: int) -> None:
    creation = relay_creation(settings, host, session_port)
    host_config = client.create_host_config(**creation.pop("host_config"))
    relay = client.create_container(name=name, host_config=host_config, **creation)
    client.connect_container_to_network(relay, name, aliases=[swarm_relay.BASE])
    client.start(relay)


def _remove_relay(client: docker.APIClient, name: str) -> None:
    try:
        client.remove_container(name, force=True)
    except NotFound:
        pass
    except APIError as error:
        # Somebody else removes it at this moment.
        if error.status_code != _CONFLICT:
            raise


_CONFLICT = 409
