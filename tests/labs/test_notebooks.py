"""Every notebook of the catalogue runs from top to bottom, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from labs import Catalog
from labs.bundle import build
from labs.notebook import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", list(Catalog()))
@pytest.mark.filterwarnings("default")  # of the notebook's own machinery
def test_notebook_runs(slug: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "labs")
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
