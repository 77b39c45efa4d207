"""Building the lab image: a staged context, named by the hash of what is in it."""

import hashlib
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.images import Image

from hub_config.base_image import choose_base
from hub_config.errors import ImageError
from hub_config.settings import HubSettings
from hub_config.spawner import JUPYTER_CONFIG
from labs.bundle import build as build_bundle

IMAGE_LABEL = "io.shixun.image"
LAB_PACKAGES = ("labs", "simulators", "twins")
# Where the answers are; they never leave the grading service.
ANSWERS = ("rubric.yaml", "solution.yaml")

_ROOT = Path(__file__).parents[1]
_CERTIFICATES = "ca.pem"
_KEPT_IMAGES = 3
_BUILD_TAG = re.compile("[0-9a-f]{12}")
_CONFLICT = 409
_NOT_FOUND = 404


def stage_context(folder: Path, bundle: Callable[[Path], None] = build_bundle) -> None:
    """Put what the lab image is built from into an empty folder.

    Parameters
    ----------
    folder
        The folder.
    bundle
        Writes the labs as students see them into a folder.

    Raises
    ------
    ImageError
        When a rubric or a solution got in.
    """
    shutil.copy2(_ROOT / "images/lab/Dockerfile", folder)
    shutil.copytree(JUPYTER_CONFIG, folder / "jupyter")
    for part in ("waiting", "notices", "labextension"):
        shutil.copytree(_ROOT / "images/lab" / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements").mkdir()
    for name in ("lab.txt", "uv.txt"):
        shutil.copy2(_ROOT / "requirements" / name, folder / "requirements")
    for package in LAB_PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__", "catalog", "node_modules", *ANSWERS)
        shutil.copytree(_ROOT / package, folder / "lib" / package, ignore=ignore)
    bundle(folder / "labs")
    for path in _files(folder):
        if path.name in ANSWERS:
            msg = f"{path.relative_to(folder)}: a {path.stem} must not enter a student's image"
            raise ImageError(msg)


def context_hash(folder: Path, base: str) -> str:
    """Compute the name of a context's content.

    Parameters
    ----------
    folder
        The staged context, without certificates: they leave no trace in the image.
    base
        Identity of the base image.

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    digest = hashlib.sha256(base.encode())
    for path in _files(folder):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def certificates(settings: HubSettings, environ: Mapping[str, str] = os.environ) -> bytes:
    """Read the certificates that the build trusts; empty where none are named.

    Parameters
    ----------
    settings
        The hub's settings.
    environ
        The environment, for ``SSL_CERT_FILE``.

    Returns
    -------
    bytes
        A PEM bundle, or nothing.

    Raises
    ------
    ImageError
        When the named file cannot be read.
    """
    named = settings.ca_bundle or environ.get("SSL_CERT_FILE")
    if not named:
        return b""
    try:
        return Path(named).read_bytes()
    except OSError as error:
        msg = f"ca_bundle={str(named)!r}: cannot be read ({error.strerror}); name a readable PEM file or unset it"
        raise ImageError(msg) from error


def build_lab_image(
    client: docker.DockerClient, settings: HubSettings, say: Callable[[str], None], tag: str = ""
) -> str:
    """Build the lab image, unless an image of the same content is there.

    Parameters
    ----------
    client
        A client of the engine, with a timeout that bears a pause of the build.
    settings
        The hub's settings.
    say
        Takes a line for the person who waits.
    tag
        Name of the image; by default the settings' ``lab_image``.

    Returns
    -------
    str
        The image's name with the hash of its content.

    Raises
    ------
    ImageError
        When the base cannot be had or the build fails.
    """
    base = choose_base(client, settings.base_image, say)
    with tempfile.TemporaryDirectory(prefix="shixun-image-") as name:
        folder = Path(name)
        stage_context(folder)
        return ensure_image(
            client, folder, "lab", tag or settings.lab_image, {"BASE": base}, certificates(settings), say
        )


def ensure_image(
    client: docker.DockerClient,
    folder: Path,
    label: str,
    latest: str,
    bases: Mapping[str, str],
    trusted: bytes,
    say: Callable[[str], None],
) -> str:
    """Build an image from a staged context, unless one of the same content is there, and remove old ones.

    Parameters
    ----------
    client
        A client of the engine, with a timeout that bears a pause of the build.
    folder
        The context.
    label
        What kind of image it is, for its label.
    latest
        Name under which the newest is known.
    bases
        The image that it is built on, by its build argument.
    trusted
        Certificates that the build trusts, or nothing.
    say
        Takes a line for the person who waits.

    Returns
    -------
    str
        The image's name with the hash of its content.

    Raises
    ------
    ImageError
        When the build fails.
    """
    repository, tag = _split(latest)
    (base,) = bases.values()
    named = f"{repository}:{context_hash(folder, str(client.images.get(base).id))}"
    try:
        image = client.images.get(named)
    except ImageNotFound:
        say(f"Building {named} on {base} ...")
        (folder / _CERTIFICATES).write_bytes(trusted)
        _build(client, folder, label, bases, named, say)
        image = client.images.get(named)
    image.tag(repository, tag)
    for old in prune_images(client, repository, label=label):
        say(f"Removed the old image {old}.")
    return named


def prune_images(
    client: docker.DockerClient, repository: str, kept: int = _KEPT_IMAGES, label: str = "lab"
) -> list[str]:
    """Remove our older builds of an image; the newest stay, and those that a container uses.

    Parameters
    ----------
    client
        A client of the engine.
    repository
        Name of the image, without a tag.
    kept
        How many builds stay, so that a step back needs no build.
    label
        What kind of image it is.

    Returns
    -------
    list[str]
        Names of what was removed.
    """
    # Images and containers come and go while we look: another base on this engine prunes as well.
    builds = [
        (image.attrs["Created"], tag)
        for image in _images(client, repository, label)
        for tag in image.tags
        if _BUILD_TAG.fullmatch(tag.removeprefix(f"{repository}:"))
    ]
    containers = client.containers.list(all=True, ignore_removed=True)
    used = {container.attrs["Config"]["Image"] for container in containers}
    removed = []
    for _, tag in sorted(builds, reverse=True)[kept:]:
        if tag in used:
            continue
        try:
            client.images.remove(tag)
        except APIError as error:
            if error.status_code not in (_CONFLICT, _NOT_FOUND):
                raise
            continue
        removed.append(tag)
    return removed


def _images(client: docker.DockerClient, repository: str, label: str) -> Iterator[Image]:
    for each in client.api.images(name=repository, filters={"label": f"{IMAGE_LABEL}={label}"}):
        with suppress(ImageNotFound):
            yield client.images.get(each["Id"])


def _build(
    client: docker.DockerClient,
    folder: Path,
    label: str,
    arguments: Mapping[str, str],
    name: str,
    say: Callable[[str], None],
) -> None:
    with tempfile.TemporaryFile() as archive:
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(folder, arcname=".", filter=_as_root)
        archive.seek(0)
        try:
            stream = client.api.build(
                fileobj=archive,
                custom_context=True,
                tag=name,
                buildargs=dict(arguments),
                labels={IMAGE_LABEL: label},
                rm=True,
                forcerm=True,
                decode=True,
            )
            for line in stream:
                if error := line.get("error"):
                    msg = f"{name}: the build failed: {str(error).strip()}"
                    raise ImageError(msg)
                if text := str(line.get("stream", "")).strip():
                    say(text)
        except APIError as error:
            msg = f"{name}: the engine refused the build: {error.explanation or error}"
            raise ImageError(msg) from error


def _as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    # Readable for the student, whatever the umask of who builds.
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def _split(name: str) -> tuple[str, str]:
    repository, _, tag = name.rpartition(":") if ":" in name.rsplit("/", 1)[-1] else (name, "", "latest")
    return repository, tag


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(path for path in folder.rglob("*") if path.is_file()))
