from __future__ import annotations

import json
from typing import TYPE_CHECKING

from labs import Catalog
from labs.bundle import build

if TYPE_CHECKING:
    from pathlib import Path


def test_bundle_holds_what_students_need_and_nothing_that_graders_keep(tmp_path: Path) -> None:
    build(tmp_path / "labs")
    names = {str(path.relative_to(tmp_path / "labs")) for path in (tmp_path / "labs").rglob("*.*")}
    for slug in Catalog():
        assert {name for name in names if name.startswith(f"{slug}/")} == {
            f"{slug}/lab.yaml",
            f"{slug}/scenario.yaml",
            f"{slug}/en-{slug}.ipynb",
            f"{slug}/zh-{slug}.ipynb",
        }
    everything = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "labs").rglob("*.*"))
    assert "pass_at" not in everything
    assert "solution" not in everything


def test_bundle_is_the_same_every_time_and_leaves_no_old_lab(tmp_path: Path) -> None:
    build(tmp_path / "labs")
    first = {path.name: path.read_bytes() for path in (tmp_path / "labs").rglob("*.*")}
    (tmp_path / "labs" / "old-lab").mkdir()
    build(tmp_path / "labs")
    assert {path.name: path.read_bytes() for path in (tmp_path / "labs").rglob("*.*")} == first
    assert not (tmp_path / "labs" / "old-lab").exists()


def test_both_notebooks_have_the_same_cells(tmp_path: Path) -> None:
    build(tmp_path / "labs")
    for slug in Catalog():
        kinds = [
            [
                cell["cell_type"]
                for cell in json.loads((tmp_path / "labs" / slug / f"{lang}-{slug}.ipynb").read_text())["cells"]
            ]
            for lang in ("zh", "en")
        ]
        assert kinds[0] == kinds[1]
