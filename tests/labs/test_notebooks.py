"""Every notebook of the catalogue, and of a lab made of a trace, runs from top to bottom, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from labs import Catalog
from labs.bundle import build
from labs.notebook import LANGUAGES

from .trace_labs import made, trace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", list(Catalog()))
@pytest.mark.filterwarnings("default")  # of the notebook's own machinery
def test_notebook_runs(slug: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "labs")
    run(slug, language, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.filterwarnings("default")  # of the notebook's own machinery
def test_notebook_of_a_trace_runs(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "catalog" / "our-trace", trace())
    build(tmp_path / "labs", Catalog(tmp_path / "catalog"))
    run("our-trace", language, tmp_path, monkeypatch)


def run(slug: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIXUN_LAB_CATALOG", str(tmp_path / "labs"))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    notebook = nbformat.read(tmp_path / "labs" / slug / f"{language}-{slug}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    mime_types = {mime for output in shown for mime in output.get("data", {})}
    assert "application/vnd.jupyter.widget-view+json" in mime_types
    assert "text/html" in mime_types
    assert all(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
