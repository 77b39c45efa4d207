"""The student bundle: what of the catalogue goes into sessions, and nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from labs.catalog import Catalog
from labs.notebook import LANGUAGES, file_name, generate

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build"]


def build(output: Path, catalog: Catalog | None = None) -> None:
    """Write the bundle of a catalogue: checked labs with generated notebooks, without rubrics and solutions.

    Parameters
    ----------
    output
        Folder to (re)make; whatever is in it is replaced.
    catalog
        Where the labs come from; ours by default.

    Raises
    ------
    simulators.DocumentError
        A lab is malformed.
    """
    catalog = catalog or Catalog()
    fresh = output.with_name(output.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for slug in catalog:
        catalog.lab(slug)
        source, target = catalog.folder(slug), fresh / slug
        target.mkdir()
        for name in catalog.files(slug):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)
        for language in LANGUAGES:
            text = generate(source / f"notebook.{language}.md")
            (target / file_name(slug, language)).write_text(text, encoding="utf-8")
    shutil.rmtree(output, ignore_errors=True)
    fresh.rename(output)
