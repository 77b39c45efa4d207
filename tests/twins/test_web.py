"""The module for the browser, as it is shipped."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from twins.canvas import MODULE

WEB = MODULE.parent
MODULES = (MODULE, MODULE.with_name("beside.js"))
PATH = f"{Path(__file__).parents[2] / '.venv/bin'}:{os.environ['PATH']}"  # where the node of a wheel is, if no other
ESBUILD = WEB / "node_modules/esbuild/bin/esbuild"


@pytest.mark.skipif(not ESBUILD.exists(), reason="twins/web has no node_modules; run `make web`")
def test_the_modules_are_what_their_source_gives(tmp_path: Path) -> None:
    build = json.loads((WEB / "package.json").read_text())["scripts"]["build"].replace("--outdir=.", "")
    name, *arguments = build.split()
    assert name == "esbuild"
    subprocess.run(
        [ESBUILD, *arguments, f"--outdir={tmp_path}", "--log-level=error"], cwd=WEB, env={"PATH": PATH}, check=True
    )
    for module in MODULES:
        made = (tmp_path / module.name).read_bytes()
        assert made == module.read_bytes(), "twins/web/source has changed; run `make web`"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_fetches_nothing_from_elsewhere(module: Path) -> None:
    licence_and_names = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "https://jcgt.org"}
    found = {
        word for quote in "\"'`" for word in module.read_text().split(quote) if word.startswith(("http:", "https:"))
    }
    assert found <= licence_and_names


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text()
