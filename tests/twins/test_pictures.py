"""The scenes of the shipped labs, looked at: `make screenshots` keeps the pictures for the documents."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import uvicorn
from PIL import Image

from labs import Catalog
from simulators import load_scenario, simulate
from twins.server import run_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How far into the window to look, as a share.
SCENES = {"pcb-bottleneck": 0.35, "batch-scheduling": 0.88, "garden-tickets": 0.3}
PLAIN = 2000
"""Colours that a picture of boxes on a plain ground would have at most."""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("slug", sorted(SCENES))
def test_the_scene_of_a_lab_is_worth_a_picture(slug: str, chromium: Browser, tmp_path: Path) -> None:
    scenario = load_scenario(Catalog().folder(slug) / "scenario.yaml")
    page_of_it = run_page(simulate(scenario, seed=1, engine="compiled"))
    server = uvicorn.Server(uvicorn.Config(page_of_it, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        page = chromium.new_page(viewport={"width": 1400, "height": 860}, locale="zh-CN")
        page.set_default_timeout(120_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"http://127.0.0.1:{port}/?lang=zh")
        page.locator("canvas").wait_for()
        page.evaluate("share => twin.seek(twin.clock.span_s * share)", SCENES[slug])
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        canvas = Image.open(io.BytesIO(page.locator("canvas").screenshot())).convert("RGB")
        folder = Path(os.environ.get("PICTURES") or tmp_path)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"scene-{scenario.kind.replace('_', '-')}.png")
        page.close()
    finally:
        server.should_exit = True
        thread.join(20)
    assert problems == []
    assert len(np.unique(np.asarray(canvas).reshape(-1, 3), axis=0)) > PLAIN
