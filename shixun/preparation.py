"""What must be there before the hub starts: folders, accounts, the secret, the labs as students see them."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import docker

from hub_config.accounts import Account, accounts_file, ensure_accounts
from hub_config.images import build_lab_image
from hub_config.routing import PROXY_PROGRAM, hub_dir
from hub_config.services import secret_file
from hub_config.settings import HubSettings
from hub_config.spawner import homes_dir
from shixun.embedded_redis import redis_dir
from shixun.errors import StartError

_SECRET_BYTES = 32


def log_dir(data_dir: Path) -> Path:
    """Name the folder of the logs in a data folder."""
    return data_dir / "log"


def prepare_data(settings: HubSettings) -> tuple[Account, ...]:
    """Make the data folder and what belongs in it, where it is not there yet.

    Parameters
    ----------
    settings
        The hub's settings.

    Returns
    -------
    tuple[Account, ...]
        The demo accounts; none where people come from rosters.

    Raises
    ------
    StartError
        When the proxy is not installed.
    AccountsError
        When the accounts file is malformed or open to others.
    """
    if not PROXY_PROGRAM.exists():
        msg = f"{PROXY_PROGRAM}: the proxy is not installed; run: make start"
        raise StartError(msg)
    data_dir = settings.data_dir
    for folder in (hub_dir(data_dir), homes_dir(data_dir), log_dir(data_dir), redis_dir(data_dir)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ensure_secret(secret_file(data_dir))
    return ensure_accounts(accounts_file(data_dir)) if settings.identity == "demo" else ()


def make_data_dir(data_dir: Path) -> None:
    """Make the data folder, closed to other users of the machine."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir.chmod(0o700)


def ensure_secret(path: Path) -> None:
    """Draw the grading service's secret, from which held-out seeds are made, where there is none yet.

    Parameters
    ----------
    path
        The file: 64 hexadecimal digits, readable by its owner alone.
    """
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_SECRET_BYTES) + "\n")


def prepare_image(client: docker.DockerClient, settings: HubSettings, say: Callable[[str], None]) -> None:
    """See to it that the engine has the sessions' image.

    Parameters
    ----------
    client
        A client of the engine.
    settings
        The hub's settings.
    say
        Takes a line for the person who waits.

    Raises
    ------
    ImageError
        When our own image cannot be built.
    StartError
        When an image of somebody else's is named and not there.
    """
    if settings.lab_image == HubSettings.model_fields["lab_image"].default:
        build_lab_image(client, settings, say)
        return
    try:
        client.images.get(settings.lab_image)
    except docker.errors.ImageNotFound:
        msg = (
            f"SHIXUN_LAB_IMAGE={settings.lab_image!r}: the Docker engine does not have this image. "
            f"Pull it, build it (shixun images build --tag {settings.lab_image}), or unset the setting."
        )
        raise StartError(msg) from None
