"""The network on which session containers reach the hub and nothing else."""

import logging
from collections.abc import Mapping
from typing import Any

import docker
from docker.errors import APIError, NotFound

from hub_config.errors import EngineError, FirewallError
from hub_config.firewall import Guard, lower, raise_guard
from hub_config.settings import HubSettings

_log = logging.getLogger(__name__)

LABEL = "io.shixun.network"
_ICC = "com.docker.network.bridge.enable_icc"


def ensure_network(client: docker.DockerClient, name: str) -> str:
    """Find or create the sessions' network: a bridge that leads nowhere and keeps its containers apart.

    The network stays when the training base stops, so that its address stays the same.

    Parameters
    ----------
    client
        A client of the engine.
    name
        The network's name.

    Returns
    -------
    str
        Address of the bridge on this machine, where the hub listens for sessions.

    Raises
    ------
    EngineError
        When a network of that name is not ours or does not keep its containers apart, or when the engine
        cannot make it.
    """
    try:
        network = client.networks.get(name)
    except NotFound:
        try:
            network = client.networks.create(
                name, driver="bridge", internal=True, labels={LABEL: name}, options={_ICC: "false"}
            )
        except APIError as error:
            msg = f"docker_network={name!r}: the engine cannot create it: {error.explanation or error}"
            raise EngineError(msg) from error
        network.reload()
    return gateway(name, network.attrs)


def session_guard(client: docker.DockerClient, settings: HubSettings, host: str) -> Guard:
    """Describe what sessions may reach on this machine: gate and grading service.

    Parameters
    ----------
    client
        A client of the engine.
    settings
        The hub's settings.
    host
        The bridge's address.

    Returns
    -------
    Guard
        The rules.
    """
    return Guard(bridge_interface(client, settings.docker_network), host, (settings.hub_port, settings.grading_port))


def guard_sessions(client: docker.DockerClient, settings: HubSettings, host: str) -> None:
    """Close the sessions' bridge towards this machine's other ports, as the settings say.

    Parameters
    ----------
    client, settings, host
        As of `session_guard`.

    Raises
    ------
    FirewallError
        When that is required and cannot be done.
    """
    if settings.firewall == "off":
        return
    try:
        raise_guard(client, settings.lab_image, session_guard(client, settings, host))
    except FirewallError as error:
        if settings.firewall == "required":
            raise
        _log.warning("SHIXUN_FIREWALL=auto: %s", error)


def unguard_sessions(client: docker.DockerClient, settings: HubSettings) -> None:
    """Take the rules of `guard_sessions` away, once no session is left.

    Parameters
    ----------
    client
        A client of the engine.
    settings
        The hub's settings.
    """
    if settings.firewall == "off":
        return
    try:
        host = ensure_network(client, settings.docker_network)
        lower(client, settings.lab_image, session_guard(client, settings, host))
    except FirewallError as error:
        _log.warning("The firewall rules of the sessions' bridge stay: %s", error)


def bridge_interface(client: docker.DockerClient, name: str) -> str:
    """Name the interface of a network's bridge on this machine.

    Parameters
    ----------
    client
        A client of the engine.
    name
        The network's name.

    Returns
    -------
    str
        Such as ``br-0123456789ab``.
    """
    attributes = client.networks.get(name).attrs
    named = (attributes.get("Options") or {}).get("com.docker.network.bridge.name")
    return str(named or f"br-{attributes['Id'][:12]}")


def gateway(name: str, attributes: Mapping[str, Any]) -> str:
    """Check a network that the engine describes, and read its bridge's address.

    Parameters
    ----------
    name
        The network's name.
    attributes
        What ``docker network inspect`` shows.

    Returns
    -------
    str
        Address of the bridge on this machine.

    Raises
    ------
    EngineError
        When the network does not keep containers apart, or has no address.
    """
    sound = (
        attributes.get("Driver") == "bridge"
        and attributes.get("Internal") is True
        and (attributes.get("Options") or {}).get(_ICC) == "false"
        and (attributes.get("Labels") or {}).get(LABEL) == name
    )
    if not sound:
        msg = (
            f"docker_network={name!r}: this network exists and was not made by shixun (an internal bridge "
            f"without traffic between containers). Remove it (docker network rm {name}) or set "
            "SHIXUN_DOCKER_NETWORK to another name."
        )
        raise EngineError(msg)
    for pool in (attributes.get("IPAM") or {}).get("Config") or []:
        if address := pool.get("Gateway"):
            return str(address).split("/")[0]
    msg = (
        f"docker_network={name!r}: the engine gave its bridge no address. Remove it "
        f"(docker network rm {name}) and start again."
    )
    raise EngineError(msg)
