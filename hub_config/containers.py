"""The session containers of a training base, as the Docker engine sees them."""

import time

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from hub_config.network import LABEL
from hub_config.spawner import SESSION_LABEL

_CONFLICT = 409
_REMOVED_S = 60.0


def remove_sessions(client: docker.DockerClient, network: str) -> list[str]:
    """Remove the session containers of a network; the students' volumes stay.

    Parameters
    ----------
    client
        A client of the engine.
    network
        The network's name, which the containers carry as a label.

    Returns
    -------
    list[str]
        Names of the removed containers.
    """
    labels = [f"{SESSION_LABEL}=true", f"{LABEL}={network}"]
    removed = []
    for container in client.containers.list(all=True, filters={"label": labels}, ignore_removed=True):
        try:
            container.remove(force=True)
        except NotFound:
            # It ended by itself: sessions are removed by the engine when they stop.
            continue
        except APIError as error:
            if error.status_code != _CONFLICT or not _goes(container):
                raise
            continue
        removed.append(str(container.name))
    return removed


def _goes(container: Container) -> bool:
    """Wait until the engine has removed a container, as it is about to do by itself; False where it has not in time."""
    deadline = time.monotonic() + _REMOVED_S
    try:
        while time.monotonic() < deadline:
            container.reload()
            time.sleep(0.05)
    except NotFound:
        return True
    return False
