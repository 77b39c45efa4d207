from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from labs.bundle import build
from labs.session import lay_out, speak

NOTEBOOK = "labs/pcb-bottleneck/zh-pcb-bottleneck.ipynb"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    build(tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def renew(bundle: Path) -> bytes:
    """Change the notebook and the version in the bundle, as a new release would."""
    notebook = bundle / "pcb-bottleneck" / "zh-pcb-bottleneck.ipynb"
    content = notebook.read_bytes().replace("瓶颈".encode(), "短板".encode())
    notebook.write_bytes(content)
    lab = bundle / "pcb-bottleneck" / "lab.yaml"
    lab.write_text(lab.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 1.1.0"), encoding="utf-8")
    return content


def test_notebooks_are_laid_out(bundle: Path, home: Path) -> None:
    lay_out(bundle, home)
    assert json.loads((home / NOTEBOOK).read_text())["cells"]


def test_a_students_work_is_never_overwritten(bundle: Path, home: Path) -> None:
    lay_out(bundle, home)
    (home / NOTEBOOK).write_text("my own work")
    lay_out(bundle, home)
    fresh = renew(bundle)
    lay_out(bundle, home)
    assert (home / NOTEBOOK).read_text() == "my own work"
    assert (home / "labs/pcb-bottleneck/zh-pcb-bottleneck-1.1.0.ipynb").read_bytes() == fresh


def test_an_untouched_notebook_follows_the_catalogue(bundle: Path, home: Path) -> None:
    lay_out(bundle, home)
    fresh = renew(bundle)
    lay_out(bundle, home)
    assert (home / NOTEBOOK).read_bytes() == fresh


@pytest.mark.parametrize(("touched", "stays"), [(False, False), (True, True)])
def test_what_an_earlier_release_called_otherwise_goes_unless_it_is_hers(
    bundle: Path, home: Path, *, touched: bool, stays: bool
) -> None:
    lay_out(bundle, home)
    former = (home / NOTEBOOK).with_name("notebook.zh.ipynb")
    (home / NOTEBOOK).rename(former)
    ledger = home / ".shixun/placed.json"
    ledger.write_text(ledger.read_text().replace("zh-pcb-bottleneck.ipynb", former.name))
    if touched:
        former.write_text("my own work")
    lay_out(bundle, home)
    assert former.exists() is stays
    assert (home / NOTEBOOK).exists()


def test_a_deleted_notebook_comes_back(bundle: Path, home: Path) -> None:
    lay_out(bundle, home)
    (home / NOTEBOOK).unlink()
    lay_out(bundle, home)
    assert (home / NOTEBOOK).exists()


def test_a_spoilt_ledger_does_not_lock_her_out(bundle: Path, home: Path) -> None:
    lay_out(bundle, home)
    (home / NOTEBOOK).write_text("my own work")
    (home / ".shixun" / "placed.json").write_text("{")
    lay_out(bundle, home)
    assert (home / NOTEBOOK).read_text() == "my own work"


def test_jupyterlab_speaks_the_language_of_the_pages_until_another_is_chosen(home: Path) -> None:
    from jupyterlab_server.settings_utils import get_settings
    from jupyterlab_server.translation_utils import get_language_packs

    place = home / ".jupyter/lab/user-settings"
    plugin = "@jupyterlab/translation-extension:plugin"

    def locale() -> str:
        schemas = Path(sys.prefix) / "share/jupyter/lab/schemas"
        settings, _ = get_settings(str(schemas.parent / "settings"), str(schemas), str(place), schema_name=plugin)
        return str(settings["settings"]["locale"])

    speak("zh-CN", home)
    assert locale() == "zh_CN"
    assert locale() in get_language_packs()[0]
    speak("en", home)
    assert locale() == "zh_CN"
