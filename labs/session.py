"""Start of a session: lay out the labs in the student's home, then become the single-user server.

``python -m labs.session [arguments of jupyterhub-singleuser]`` is the command of every session, in a container or as a
local process.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from labs.notebook import LANGUAGES, file_name
from labs.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["await_certificates", "lay_out", "lay_out_compiled", "main", "prepare", "speak"]

JUPYTER_LOCALES = {"zh-CN": "zh_CN", "en": "en"}


def lay_out(bundle: Path, home: Path) -> None:
    """Copy the bundle's notebooks to ``home/labs/SLUG/``, never over a student's own work.

    A notebook that she has not touched follows the catalogue; one that she has changed stays, and a newer version is
    put beside it with the version in its name.

    Parameters
    ----------
    bundle
        Folder made by :func:`labs.bundle.build`.
    home
        The student's home.
    """
    ledger = home / ".shixun" / "placed.json"
    placed = _placed(ledger)
    # What is in the bundle was checked when it was built: here nobody needs what reads and checks whole labs.
    for source in sorted(path.parent for path in bundle.glob("*/lab.yaml")):
        slug = source.name
        folder = home / "labs" / slug
        folder.mkdir(parents=True, exist_ok=True)
        for language in LANGUAGES:
            name = file_name(slug, language)
            content = (source / name).read_bytes()
            digest = _digest(content)
            target = folder / name
            key = f"{slug}/{name}"
            if placed.get(key) == digest:
                if target.exists():
                    continue
            elif target.exists() and _digest(target.read_bytes()) not in (placed.get(key), digest):
                version = yaml.safe_load((source / "lab.yaml").read_bytes())["version"]
                target = folder / file_name(slug, language, version)
            _write(target, content)
            placed[key] = digest
        _clear_renamed(home, slug, placed)
    _write(ledger, json.dumps(placed, indent=1, sort_keys=True).encode())


def _clear_renamed(home: Path, slug: str, placed: dict[str, str]) -> None:
    """Remove what an earlier release called otherwise, where the student has not touched it."""
    names = {f"{slug}/{file_name(slug, language)}" for language in LANGUAGES}
    for key in [key for key in placed if key.startswith(f"{slug}/") and key not in names]:
        former = home / "labs" / key
        if former.exists() and _digest(former.read_bytes()) == placed[key]:
            former.unlink()
        del placed[key]


def speak(language: str, home: Path) -> None:
    """Let JupyterLab's menus begin in a language; whoever has chosen another one keeps it.

    Parameters
    ----------
    language
        ``zh-CN`` or ``en``.
    home
        The student's home.
    """
    chosen = home / ".jupyter/lab/user-settings/@jupyterlab/translation-extension/plugin.jupyterlab-settings"
    if not chosen.exists():
        _write(chosen, json.dumps({"locale": JUPYTER_LOCALES[language]}).encode())


def prepare() -> Path:
    """Lay out the labs of the environment's student and send what waits in her spool in the background.

    Returns
    -------
    Path
        The student's home.
    """
    home = Path.home()
    bundle = os.environ.get("SHIXUN_LAB_CATALOG")
    if not bundle:
        sys.exit("SHIXUN_LAB_CATALOG must name the folder of the student bundle; the hub sets it for every session.")
    try:
        lay_out(Path(bundle), home)
        speak(os.environ.get("SHIXUN_LANGUAGE", "zh-CN"), home)
    except OSError as error:  # a full volume, or a file where a folder should be: she must still get in to mend it
        print(f"实验文件未能放入主目录 / the lab files could not be laid out: {error}", file=sys.stderr)  # noqa: T201
    if Spool().waiting():
        subprocess.Popen([sys.executable, "-m", "labs.spool"])
    return home


def lay_out_compiled() -> None:
    """Link what the image has compiled ahead to where Numba looks for it and may write, if the image has any.

    Links, because the place is in memory; Numba replaces files, it never writes into them.
    """
    ahead, cache = os.environ.get("LAB_COMPILED_CODE"), os.environ.get("NUMBA_CACHE_DIR")
    if ahead and cache:
        shutil.copytree(ahead, cache, copy_function=_link, dirs_exist_ok=True)


def main(arguments: list[str]) -> None:
    """Prepare the student's home and become the single-user server."""
    os.chdir(prepare())
    lay_out_compiled()
    await_certificates(os.environ)
    server = str(Path(sys.executable).with_name("jupyterhub-singleuser"))
    os.execv(server, [server, *arguments])  # noqa: S606 - becomes the server, so that signals reach it


def await_certificates(environ: Mapping[str, str], timeout_s: float = 60) -> None:
    """Wait until the hub has put the certificates of the session where it said, if it speaks TLS with sessions.

    They name the container's address, which the hub learns when the container runs.

    Parameters
    ----------
    environ
        The session's environment.
    timeout_s
        Longest wait; the server then says itself what is missing.
    """
    own, key, trusted = (environ.get(f"JUPYTERHUB_SSL_{each}", "") for each in ("CERTFILE", "KEYFILE", "CLIENT_CA"))
    deadline = time.monotonic() + timeout_s
    while own and time.monotonic() < deadline:
        try:
            # The hub writes what is trusted first, so with key and certificate everything is there.
            context = ssl.create_default_context(cafile=trusted)
            context.load_cert_chain(own, key)
        except OSError:  # not there yet, or not whole
            time.sleep(0.01)
        else:
            return


def _link(source: str, place: str) -> None:
    """Link a file, unless one is there: Numba makes folders, and perhaps files, as soon as a simulator is imported."""
    if not Path(place).exists():
        Path(place).symlink_to(source)


def _placed(ledger: Path) -> dict[str, str]:
    """Read which digests we have put where; without a readable ledger every file counts as the student's own."""
    try:
        placed = json.loads(ledger.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return placed if isinstance(placed, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    temporary.replace(path)


if __name__ == "__main__":
    main(sys.argv[1:])
