"""Which pools a hub keeps."""

import logging

import docker
from docker.utils import kwargs_from_env
from traitlets.config import Config

from hub_config.pool_board import PoolBoard
from hub_config.pool_keeper import PoolKeeper
from hub_config.routing import hub_dir
from hub_config.settings import HubSettings
from hub_config.slots import slots_in, slots_possible
from hub_config.spawner import pool_creation, slots_dir
from hub_config.warm_pool import WarmPool

__all__ = ["clear_slots", "open_pools", "plan_keeper", "plan_pools"]

_log = logging.getLogger(__name__)
_CONNECTIONS = 12


def plan_pools(settings: HubSettings, host: str) -> dict[str, WarmPool]:
    """Plan the pools that the settings ask for, starting nothing yet.

    Parameters
    ----------
    settings
        The hub's settings.
    host
        The address of the sessions' bridge.

    Returns
    -------
    dict[str, WarmPool]
        By image; none where this process cannot mount users' files into a container that runs already.
    """
    if not settings.pool_size:
        return {}
    if not slots_possible():
        _log.warning(
            "pool_size=%d: a pool needs a hub that runs as root and not in a container; sessions start cold",
            settings.pool_size,
        )
        return {}
    client = docker.APIClient(**kwargs_from_env(), num_pools=_CONNECTIONS)
    return {
        image: WarmPool(
            client,
            slots_dir(settings.data_dir),
            settings.docker_network,
            image,
            pool_creation(settings, host),
            settings.pool_size if image == settings.lab_image else 0,
        )
        for image in settings.session_images.values()
    }


def plan_keeper(settings: HubSettings, host: str) -> PoolKeeper:
    """Plan what keeps pools, line and plan, starting nothing yet.

    Parameters
    ----------
    settings, host
        As of `plan_pools`.

    Returns
    -------
    PoolKeeper
        To be opened by the hub.
    """
    return PoolKeeper(settings, plan_pools(settings, host), PoolBoard(hub_dir(settings.data_dir)))


def open_pools(c: Config) -> None:
    """Begin to fill the pools of a configuration."""
    if "WarmDockerSpawner" in c:
        c.WarmDockerSpawner.keeper.open()


def clear_slots(settings: HubSettings) -> None:
    """Take away what a hub left of its slots, once its containers are gone."""
    for slot in slots_in(slots_dir(settings.data_dir)):
        slot.remove()
