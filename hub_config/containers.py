"""The session containers of a training base, as the Docker engine sees them."""

import docker
from docker.errors import NotFound

from hub_config.network import LABEL
from hub_config.spawner import SESSION_LABEL


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
        removed.append(str(container.name))
    return removed
