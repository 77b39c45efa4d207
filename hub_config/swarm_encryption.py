"""Whether what sessions send between machines can be encrypted: Docker's networks use IPsec for it."""

import subprocess

import docker
from docker.errors import DockerException

from hub_config.errors import EngineError
from hub_config.host_commands import run_on_host
from hub_config.settings import HubSettings

__all__ = ["encryption_fault", "require_encryption"]

# Between addresses for documentation; added and taken away at once.
_STATE = ("src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "spi", "0x5158554e")
_CIPHER = ("mode", "transport", "aead", "rfc4106(gcm(aes))", "0x" + "00" * 20, "64")


def encryption_fault(client: docker.DockerClient, image: str) -> str:
    """Try whether this machine's kernel knows the cipher that Docker uses.

    Parameters
    ----------
    client
        A client of the engine.
    image
        An image from which a helper can be run where this process is not root.

    Returns
    -------
    str
        What the kernel says against it; empty where it knows the cipher.
    """
    try:
        run_on_host(client, image, ["ip", "xfrm", "state", "add", *_STATE, *_CIPHER])
        run_on_host(client, image, ["ip", "xfrm", "state", "delete", *_STATE])
    except subprocess.CalledProcessError as error:
        return str(error.stderr).strip() or str(error)
    except (DockerException, OSError) as error:
        return str(error)
    return ""


def require_encryption(client: docker.DockerClient, settings: HubSettings) -> None:
    """Refuse to promise encryption that the kernel cannot give: sessions would start and never be reached.

    Parameters
    ----------
    client
        A client of the engine.
    settings
        The hub's settings.

    Raises
    ------
    EngineError
        When it is asked for and not to be had on this machine.
    """
    if settings.swarm_encrypted and (fault := encryption_fault(client, settings.lab_image)):
        msg = (
            f"swarm_encrypted=True: this machine's kernel has no IPsec ({fault}). Load it (modprobe esp4) on every "
            "machine, or unset SHIXUN_SWARM_ENCRYPTED and give the machines a network of their own."
        )
        raise EngineError(msg)
