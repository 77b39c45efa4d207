"""The images of images/compose.yaml: the training base itself, its database and its Redis."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import docker

from hub_config.base_image import choose_base
from hub_config.images import build_lab_image, certificates, ensure_image
from hub_config.settings import HubSettings

__all__ = ["build_service_images", "stage_hub"]

_ROOT = Path(__file__).parents[1]
_PACKAGES = ("benchmarks", "grading", "hub_config", "images", "labs", "requirements", "shixun", "simulators", "twins")
_FILES = ("pyproject.toml", "README.md", "LICENSE")
_IGNORED = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


def stage_hub(folder: Path) -> None:
    """Put what the image of the training base is built from into an empty folder.

    Parameters
    ----------
    folder
        The folder.
    """
    shutil.copy2(_ROOT / "images/hub/Dockerfile", folder)
    (folder / "requirements").mkdir()
    for name in ("serve.txt", "uv.txt"):
        shutil.copy2(_ROOT / "requirements" / name, folder / "requirements")
    shutil.copytree(_ROOT / "hub_config/proxy", folder / "proxy", ignore=_IGNORED)
    for package in _PACKAGES:
        shutil.copytree(_ROOT / package, folder / "src" / package, ignore=_IGNORED)
    for name in _FILES:
        shutil.copy2(_ROOT / name, folder / "src")


def build_service_images(
    client: docker.DockerClient, settings: HubSettings, say: Callable[[str], None]
) -> dict[str, str]:
    """Build the images of images/compose.yaml, each where its content has changed.

    Parameters
    ----------
    client
        A client of the engine, with a timeout that bears a pause of the build.
    settings
        The hub's settings.
    say
        Takes a line for the person who waits.

    Returns
    -------
    dict[str, str]
        Their names with the hashes of their content, by ``hub``, ``postgres`` and ``redis``.

    Raises
    ------
    ImageError
        When a base cannot be had or a build fails.
    """
    lab = build_lab_image(client, settings, say)
    base = choose_base(client, settings.base_image, say)
    trusted = certificates(settings)
    built = {}
    for name in ("postgres", "redis"):
        with tempfile.TemporaryDirectory(prefix="shixun-image-") as folder:
            shutil.copytree(_ROOT / "images" / name, folder, dirs_exist_ok=True)
            built[name] = ensure_image(
                client, Path(folder), name, f"shixun-{name}:latest", {"BASE": base}, trusted, say
            )
    with tempfile.TemporaryDirectory(prefix="shixun-image-") as folder:
        stage_hub(Path(folder))
        built["hub"] = ensure_image(client, Path(folder), "hub", "shixun-hub:latest", {"LAB": lab}, trusted, say)
    return built
