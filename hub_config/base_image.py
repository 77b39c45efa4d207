"""The image on which the lab image is built."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import docker
import requests.exceptions
from docker.errors import DockerException, ImageNotFound

from hub_config.errors import ImageError

REGISTRY_BASE = "python:3.12-slim"
LOCAL_BASE = "shixun-base:bookworm"

_SUITE = "bookworm"
_PACKAGES = "python3,python3-venv,ca-certificates"
# What a container never reads; LANG is C.UTF-8, which needs no locale files.
_LEFT_OUT = (
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/locale/*",
)


def choose_base(client: docker.DockerClient, base: str, say: Callable[[str], None]) -> str:
    """Find the image to build on, fetching or making it where it is not there yet.

    Parameters
    ----------
    client
        A client of the engine.
    base
        The image asked for; empty to choose: `REGISTRY_BASE`, or `LOCAL_BASE` where no registry answers.
    say
        Takes a line for the person who waits.

    Returns
    -------
    str
        Name of an image that the engine has.

    Raises
    ------
    ImageError
        When the image cannot be had.
    """
    for name in [base] if base else [REGISTRY_BASE, LOCAL_BASE]:
        if _present(client, name):
            return name
    wanted = base or REGISTRY_BASE
    say(f"Fetching the base image {wanted} ...")
    try:
        client.images.pull(wanted)
    except (DockerException, requests.exceptions.RequestException) as error:
        if base:
            msg = f"base_image={base!r}: the engine does not have it and cannot fetch it: {error}"
            raise ImageError(msg) from error
        debootstrap = shutil.which("debootstrap")
        if debootstrap is None or os.geteuid() != 0:
            msg = (
                f"{REGISTRY_BASE} cannot be fetched ({error}), and a base can only be made here by root with "
                "debootstrap. Install it (apt-get install debootstrap) and run as root, load an image with Python "
                "3.11 or newer (docker load), and name it with SHIXUN_BASE_IMAGE, or fetch it where a registry "
                "answers."
            )
            raise ImageError(msg) from error
        say(f"No image registry answers: making the base {LOCAL_BASE} with debootstrap (about a minute) ...")
        _make_base(client, debootstrap)
        return LOCAL_BASE
    return wanted


def _present(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _make_base(client: docker.DockerClient, debootstrap: str) -> None:
    repository, tag = LOCAL_BASE.split(":")
    # Not under /tmp, which may be a small or no-device file system.
    with tempfile.TemporaryDirectory(prefix="shixun-base-", dir="/var/tmp") as folder:
        root = Path(folder) / "root"
        made = subprocess.run(  # noqa: S603
            [debootstrap, "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if made.returncode:
            msg = f"debootstrap failed ({made.returncode}): {' | '.join(made.stdout.splitlines()[-3:])}"
            raise ImageError(msg)
        archive = Path(folder) / "root.tar"
        excluded = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
        subprocess.run(["tar", "-C", str(root), *excluded, "-cf", str(archive), "."], check=True)  # noqa: S603, S607
        client.api.import_image_from_file(
            str(archive), repository=repository, tag=tag, changes=["LABEL io.shixun.image=base"]
        )
    if not _present(client, LOCAL_BASE):
        msg = f"{LOCAL_BASE}: the engine did not keep the imported base; look into its log"
        raise ImageError(msg)
