"""The scenes of the shipped labs, looked at: `make screenshots` keeps the pictures for the documents."""

from __future__ import annotations

import io
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pytest
import redis
import redis.asyncio
import uvicorn
from PIL import Image

from labs import Catalog
from simulators import load_scenario, simulate
from twins.feed.broadcast import Broadcast
from twins.moments import Moments
from twins.server import live_page, run_page
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from starlette.applications import Starlette

# How far into the window to look, as a share.
SCENES = {"pcb-bottleneck": 0.35, "batch-scheduling": 0.88, "garden-tickets": 0.3}
NOON_S = 11.5 * 3600
PLAIN = 2000
"""Colours that a picture of boxes on a plain ground would have at most."""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("slug", sorted(SCENES))
def test_the_scene_of_a_lab_is_worth_a_picture(slug: str, chromium: Browser, tmp_path: Path) -> None:
    scenario = load_scenario(Catalog().folder(slug) / "scenario.yaml")
    app = run_page(simulate(scenario, seed=1, engine="compiled"))
    with opened(chromium, app) as page:
        page.evaluate("share => twin.seek(twin.clock.span_s * share)", SCENES[slug])
        look(page, f"scene-{scenario.kind.replace('_', '-')}.png", tmp_path)


@pytest.mark.browser
@pytest.mark.slow
def test_a_garden_that_is_running_is_worth_a_picture(chromium: Browser, tmp_path: Path, redis_url: str) -> None:
    twin = Twin(load_scenario(Catalog().folder("garden-tickets") / "scenario.yaml"), 1)
    twin.advance(NOON_S)
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        broadcast = Broadcast(twin, client, name)
        app = live_page(Moments(client, name, twin.journal), redis.asyncio.Redis.from_url(redis_url))
        with opened(chromium, app) as page:
            broadcast.happened(twin.advance(NOON_S + 60), NOON_S + 60)
            page.locator(".sx-plot").first.wait_for()
            page.get_by_text("实时").wait_for()
            page.evaluate("twin.haste.sharp = true; twin.haste.rest()")
            look(page, "twin-live.png", tmp_path)


@contextmanager
def opened(chromium: Browser, app: Starlette) -> Iterator[Page]:
    """Show an app in a wide window; nothing goes wrong on its page."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        page = chromium.new_page(viewport={"width": 1400, "height": 1120}, locale="zh-CN")
        page.set_default_timeout(120_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"http://127.0.0.1:{port}/?lang=zh")
        page.locator("canvas").wait_for()
        page.locator(".sx-paper svg").wait_for()
        yield page
        assert problems == []
        page.close()
    finally:
        server.should_exit = True
        thread.join(20)


def look(page: Page, name: str, folder: Path) -> None:
    """Keep a picture of the page; what stands on it is more than boxes on a plain ground."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    clock = page.locator(".sx-clock").inner_text()
    if not page.evaluate("twin.parcel.head.live"):  # a plant that is running is ahead of its plan
        page.locator(".sx-paper text").filter(has_text=clock).first.wait_for()
    canvas = Image.open(io.BytesIO(page.locator("canvas").screenshot())).convert("RGB")
    kept = Path(os.environ.get("PICTURES") or folder)
    kept.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=kept / name)
    assert len(np.unique(np.asarray(canvas).reshape(-1, 3), axis=0)) > PLAIN
