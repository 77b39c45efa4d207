"""How a session runs: in a container, or as a local process where there is no Docker engine."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from docker.types import DriverConfig, Mount
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets.config import Config

from hub_config.internal_tls import CERTIFICATES, SESSION_PATHS
from hub_config.network import LABEL as NETWORK_LABEL
from hub_config.pool_keeper import PoolKeeper
from hub_config.ports import find_free_ports
from hub_config.services import grading_url
from hub_config.settings import HubSettings
from hub_config.warm_spawner import STARTING, WarmDockerSpawner, choose_image, image_form, images_for

SESSION_LABEL = "io.shixun.session"
SESSION_COMMAND = ("-m", "labs.session")
WAITING_COMMAND = ("-m", "waiting")

# Configuration of JupyterLab; the image holds a copy.
JUPYTER_CONFIG = Path(__file__).parents[1] / "images/lab/jupyter"

CONTAINER_HOME = "/home/student"
CONTAINER_LABS = "/opt/shixun/labs"
CONTAINER_PYTHON = "/opt/venv/bin/python"
CONTAINER_USER = "1000:1000"

# JupyterHub's own names.
_TLS_VARIABLES = (("KEYFILE", "keyfile"), ("CERTFILE", "certfile"), ("CLIENT_CA", "cafile"))
_MIB = 1024 * 1024
_LONGEST_WAIT_S = 3 * 3600


def labs_dir(data_dir: Path) -> Path:
    """Name the folder of the student lab bundle for sessions that are local processes."""
    return data_dir / "labs"


def homes_dir(data_dir: Path) -> Path:
    """Name the folder of the homes of sessions that are local processes."""
    return data_dir / "homes"


def home_volume(network: str) -> str:
    """Build the template of a user's volume, in which DockerSpawner fills in the escaped name."""
    return f"{network}-home-{{username}}"


def slots_dir(data_dir: Path) -> Path:
    """Name the folder of the slots of containers started ahead."""
    return data_dir / "slots"


def container_environment(settings: HubSettings, host: str) -> dict[str, str]:
    """Build what every session in a container is told, whoever it belongs to."""
    # Known when the container is created: a waiting session imports what reads them before it knows its user.
    tls = (
        {f"JUPYTERHUB_SSL_{name}": SESSION_PATHS[key] for name, key in _TLS_VARIABLES} if settings.internal_tls else {}
    )
    return tls | {
        "HOME": CONTAINER_HOME,
        "IPYTHONDIR": "/tmp/ipython",  # noqa: S108 the container's own
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108 the container's own
        "SHIXUN_GRADING_URL": grading_url(settings, host),
        "SHIXUN_LAB_CATALOG": CONTAINER_LABS,
        "SHIXUN_LANGUAGE": settings.language,
        "SHIXUN_RENDERER": settings.renderer,
    }


def container_labels(settings: HubSettings) -> dict[str, str]:
    """Build the labels by which the containers of this training base are known."""
    return {SESSION_LABEL: "true", NETWORK_LABEL: settings.docker_network}


def pool_creation(settings: HubSettings, host: str) -> dict[str, object]:
    """Build how a container is created ahead: as `apply_docker_spawner` has it, but for whose it is.

    Parameters
    ----------
    settings
        The hub's settings.
    host
        The address of the network's bridge.

    Returns
    -------
    dict
        Arguments of docker-py's ``create_container``.
    """
    period_us = 100_000
    return {
        "command": [CONTAINER_PYTHON, *WAITING_COMMAND],
        "environment": container_environment(settings, host),
        "labels": container_labels(settings),
        "user": CONTAINER_USER,
        # Of the home only the mount point is there yet.
        "working_dir": "/",
        "host_config": {
            **container_limits(settings),
            "auto_remove": True,
            "cpu_period": period_us,
            "cpu_quota": int(settings.cpu_limit_cores * period_us),
            "mem_limit": settings.memory_limit_mib * _MIB,
            "network_mode": settings.docker_network,
        },
    }


def container_limits(settings: HubSettings) -> dict[str, object]:
    """Build the host configuration that confines a session's container."""
    memory = settings.memory_limit_mib * _MIB
    return {
        "cap_drop": ["ALL"],
        # An address for documentation, to which no network leads: the engine's own resolver would carry questions
        # out of an internal network (CVE-2024-29018). Names of containers on the network are still found.
        "dns": ["192.0.2.1"],
        "dns_opt": ["timeout:1", "attempts:1"],
        "init": True,
        # The same figure as the memory limit: no swap.
        "memswap_limit": memory,
        "mounts": [_certificates_volume()] if settings.internal_tls else [],
        "pids_limit": settings.pids_limit,
        "read_only": True,
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": {"/tmp": "rw,nosuid,nodev,size=256m,mode=1777"},  # noqa: S108 the container's own
    }


def _certificates_volume() -> Mount:
    """Build a small volume in memory, without a name: it goes with its container."""
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=64k,mode=0700,uid=1000,gid=1000"}
    return Mount(CERTIFICATES, None, driver_config=DriverConfig("local", options))


def apply_docker_spawner(c: Config, settings: HubSettings, host: str, keeper: PoolKeeper | None = None) -> None:
    """Run sessions in confined containers.

    Parameters
    ----------
    c
        The configuration.
    settings
        The hub's settings.
    host
        The address of the network's bridge, where session gate and grading service listen.
    keeper
        Of containers started ahead and of the line of those who wait; None: neither.
    """
    _apply_common(c)
    c.JupyterHub.spawner_class = WarmDockerSpawner
    c.WarmDockerSpawner.keeper = keeper
    c.WarmDockerSpawner.slots_dir = str(slots_dir(settings.data_dir))
    # The line decides who waits, so the hub itself turns nobody away; a start includes the wait in it.
    c.JupyterHub.concurrent_spawn_limit = 0
    c.Spawner.start_timeout = _LONGEST_WAIT_S
    c.Spawner.cmd = [CONTAINER_PYTHON, *SESSION_COMMAND]
    c.Spawner.hub_connect_url = f"{settings.internal_scheme}://{host}:{settings.hub_port}"
    c.Spawner.notebook_dir = CONTAINER_HOME
    c.Spawner.environment = container_environment(settings, host)
    c.DockerSpawner.image = settings.lab_image
    c.WarmDockerSpawner.allowed_images = images_for
    c.WarmDockerSpawner.options_form = image_form
    c.WarmDockerSpawner.apply_user_options = choose_image
    c.DockerSpawner.pull_policy = "never"
    c.DockerSpawner.remove = True
    c.DockerSpawner.prefix = settings.docker_network
    c.DockerSpawner.name_template = "{prefix}-{username}"
    c.DockerSpawner.network_name = settings.docker_network
    c.DockerSpawner.use_internal_ip = True
    c.DockerSpawner.volumes = {home_volume(settings.docker_network): CONTAINER_HOME}
    c.DockerSpawner.mem_limit = settings.memory_limit_mib * _MIB
    c.DockerSpawner.cpu_limit = settings.cpu_limit_cores
    c.DockerSpawner.extra_create_kwargs = {
        "labels": container_labels(settings),
        "user": CONTAINER_USER,
    }
    c.DockerSpawner.extra_host_config = container_limits(settings)


class ProcessSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc]  # jupyterhub is untyped
    """A local process a session; homes are closed to other users of the machine."""

    def make_preexec_fn(self, name: str) -> None:
        """Leave nothing to do between fork and exec; the working folder is set by `start`."""

    async def start(self) -> tuple[str, int]:
        """Make the home and start the session in it."""
        Path(self.home_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.popen_kwargs = {"cwd": self.home_dir}
        # JupyterHub's own choice may have become the near end of somebody's connection by the time the session listens.
        (self.port,) = find_free_ports(1)
        address: tuple[str, int] = await super().start()
        return address

    async def progress(self) -> AsyncIterator[dict[str, int | str]]:
        """Tell that her session starts."""
        yield {"progress": 60, "message": STARTING}


def apply_process_spawner(c: Config, settings: HubSettings, host: str, uid: int | None = None) -> None:
    """Run sessions as local processes of the hub's own user: nothing keeps them apart.

    Parameters
    ----------
    c
        The configuration.
    settings
        The hub's settings.
    host
        The address at which hub and grading service listen.
    uid
        Effective user of the hub; by default the process's own.
    """
    _apply_common(c)
    uid = os.geteuid() if uid is None else uid
    homes = homes_dir(settings.data_dir)
    c.JupyterHub.spawner_class = ProcessSpawner
    c.Spawner.cmd = [sys.executable, *SESSION_COMMAND]
    c.Spawner.args = ["--allow-root"] if uid == 0 else []
    c.Spawner.notebook_dir = str(homes / "{username}")
    c.Spawner.environment = {
        "JUPYTER_CONFIG_PATH": str(JUPYTER_CONFIG),
        "SHIXUN_GRADING_URL": grading_url(settings, host),
        "SHIXUN_LAB_CATALOG": str(labs_dir(settings.data_dir)),
        "SHIXUN_LANGUAGE": settings.language,
        "SHIXUN_RENDERER": settings.renderer,
    }
    c.SimpleLocalProcessSpawner.home_dir_template = str(homes / "{username}")


def _apply_common(c: Config) -> None:
    c.Spawner.default_url = "/lab"
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 60
