"""The page outside of notebooks: a replay, and a plant that is running, in a real Chromium."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
import redis
import redis.asyncio
import uvicorn
from PIL import Image

from hub_config.ports import find_free_ports
from simulators import Run, Text
from simulators.heritage_garden import example as garden_example
from twins.about import About
from twins.feed import Piece, Snapshot
from twins.feed.broadcast import Broadcast
from twins.live import Live
from twins.moments import BEHIND_S, Moments
from twins.pacing import Pace
from twins.parcel import pack
from twins.scene import Target
from twins.server import live_page, run_page, scene_page
from twins.showing import about_of, scene_of
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Locator, Page
    from starlette.applications import Starlette

    from twins.scene import Scene

PATIENCE_S = 60
WINDOW_S = (4000.0, 5000.0)


class Figure:
    """A plotted figure."""

    name = Text(zh="在制品", en="Parts in the line")
    unit = "parts"
    time_s: NDArray[np.float64] = np.linspace(0, 1000, 50)
    value: NDArray[np.float64] = np.linspace(10, 60, 50)


def replayed(run: Run) -> tuple[Scene, About]:
    """A scene with two things to inspect, one of them in the middle of the picture."""
    scene = scene_of(run, *WINDOW_S)
    middle = np.mean(scene.bounds_m, axis=0)
    low, high = tuple((middle - 1).tolist()), tuple((middle + 1).tolist())
    targets = (
        Target("printer", Text(zh="锡膏印刷机", en="Paste printer"), (-90, 0, 0), (-89, 1, 1)),
        Target("reflow", Text(zh="回流焊炉", en="Reflow oven"), low, high),
        Target("reflow.1", Text(zh="回流焊 设备 1", en="Reflow oven 1"), (90, 0, 0), (91, 1, 1)),
    )
    return replace(scene, targets=targets), replace(about_of(run, *WINDOW_S), series=(Figure(),))


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an app on a port of its own; yield its address."""
    (port,) = find_free_ports(1)
    config = uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        until(lambda: server.started, "the server to start")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def address(pcb_run: Run) -> Iterator[str]:
    with served(scene_page(*replayed(pcb_run), pcb_run.scenario.kind)) as address:
        yield address


@pytest.mark.parametrize(
    ("query", "accepts", "lang", "title"),
    [
        ("", "", "zh-CN", "产线孪生"),
        ("", "en-GB,en;q=0.9", "en", "Twin of a production line"),
        ("?lang=zh", "en", "zh-CN", "产线孪生"),
    ],
)
def test_the_page_is_chinese_unless_english_is_preferred(
    address: str, query: str, accepts: str, lang: str, title: str
) -> None:
    page = httpx.get(address + query, headers={"accept-language": accepts}, timeout=60)
    assert f'<html lang="{lang}">' in page.text
    assert f"<title>{title} · 实训</title>" in page.text


def test_the_page_may_fetch_from_nowhere_else(address: str) -> None:
    for path in ("", "start.js", "twin.js", "scene"):
        answer = httpx.get(address + path, timeout=60)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_plan_is_of_the_moment_and_in_the_language_that_is_asked_for(address: str) -> None:
    early, late, english = (httpx.get(address + f"plan?{query}", timeout=60).text for query in PLANS_ASKED_FOR)
    assert early != late
    assert "锡膏印刷" in late
    assert "Paste printer" in english


PLANS_ASKED_FOR = ("time_s=4000&lang=zh", "time_s=4900&lang=zh", "time_s=4900&lang=en")


@pytest.mark.parametrize("query", ["", "time_s=3999", "time_s=5001", "time_s=soon", "time_s=nan"])
def test_there_is_no_plan_of_a_moment_that_is_not_in_the_window(address: str, query: str) -> None:
    answer = httpx.get(address + f"plan?{query}", timeout=60)
    assert answer.status_code == 404
    assert "choose 4000 to 5000" in answer.text


def test_a_run_has_a_page_with_its_own_plan_and_plots(pcb_run: Run) -> None:
    with served(run_page(pcb_run, *WINDOW_S)) as address:
        assert "<svg" in httpx.get(address + "plan?time_s=4000", timeout=60).text
        (length,) = struct.unpack_from("<I", piece := httpx.get(address + "scene", timeout=60).content)
        head = json.loads(piece[4 : 4 + length])
    assert head["plan"]
    assert len(head["series"]) > 1
    assert len(head["targets"]) > len(pcb_run.scenario.stations)  # type: ignore[attr-defined]


@contextmanager
def opened(chromium: Browser, address: str, width: int = 1280, height: int = 860) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    page.set_default_timeout(PATIENCE_S * 1000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: said.type in {"error", "warning"} and problems.append(said.text))
    page.goto(address)
    comes_true(page, "globalThis.twin?.frames > 0")
    yield page
    assert [problem for problem in problems if "GPU stall" not in problem] == []
    page.close()


@pytest.fixture(scope="module")
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with opened(chromium, address) as page:
        yield page


def comes_true(page: Page, script: str) -> None:
    """Wait for a script to be true; the page allows no script that is asked for from within it."""
    until(lambda: page.evaluate(script), script)


def clock(page: Page) -> str:
    return page.locator(".sx-clock").inner_text()


@pytest.mark.browser
def test_everything_is_done_by_keyboard(page: Page) -> None:
    page.locator("canvas").focus()
    assert clock(page) == "1:06:40"
    page.keyboard.press(".")
    comes_true(page, "document.querySelector('.sx-clock').innerText === '1:06:50'")
    seen = page.evaluate("twin.stage.camera.position.toArray()")
    for key in ("ArrowRight", "ArrowUp", "+"):
        page.keyboard.press(key)
    turned = page.evaluate("twin.stage.camera.position.toArray()")
    assert not np.allclose(seen, turned, atol=0.1)
    page.keyboard.press("Home")
    assert np.allclose(page.evaluate("twin.stage.camera.position.toArray()"), seen, atol=1e-6)
    page.keyboard.press("Space")
    comes_true(page, "document.querySelector('.sx-clock').innerText > '1:07:00'")
    page.keyboard.press("Space")
    assert not page.evaluate("twin.clock.playing")
    page.get_by_role("slider", name="时刻").focus()
    page.keyboard.press("Home")
    comes_true(page, "document.querySelector('.sx-clock').innerText === '1:06:40'")


@pytest.mark.browser
def test_a_thing_is_inspected_by_keyboard_and_tells_what_happened_there(page: Page, pcb_run: Run) -> None:
    page.get_by_role("button", name="锡膏印刷机").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("slider", name="时刻").focus()
    page.keyboard.press("End")
    comes_true(page, "document.querySelector('.sx-clock').innerText === '1:23:20'")
    told = page.locator(".sx-facts").inner_text()
    assert "回流焊炉" in told
    assert f"{pcb_run.kpis['station.reflow.working_ratio'].value:.1%}" in told
    journal = pcb_run.journal
    here = [number for number, name in enumerate(journal.places) if name.startswith("reflow.")]
    last = np.flatnonzero(np.isin(journal.place, here) & (journal.time_s < WINDOW_S[1]))[-1]
    assert f"#{journal.entity[last]}" in told
    page.get_by_role("button", name="回流焊炉").press("Enter")
    until(page.locator(".sx-facts").is_hidden, "the facts to go")


@pytest.mark.browser
def test_a_thing_is_inspected_by_a_click(page: Page) -> None:
    page.keyboard.press("Escape")
    page.locator("canvas").click()
    assert page.get_by_role("button", name="回流焊炉").get_attribute("aria-pressed") == "true"
    page.locator("canvas").click(position={"x": 3, "y": 3})


def drawn_on(page: Page, heading: str) -> Callable[[], bool]:
    """Return what tells whether the plan has a heading."""
    return page.locator(".sx-paper text").filter(has_text=heading).is_visible


@pytest.mark.browser
def test_the_plan_stands_below_the_scene_and_follows_it(page: Page) -> None:
    page.get_by_role("slider", name="时刻").press("Home")
    until(drawn_on(page, "产线平面：1:06:40"), "the plan")
    page.get_by_role("slider", name="时刻").press("End")
    until(drawn_on(page, "产线平面：1:23:20"), "the plan of another moment")


@pytest.mark.browser
def test_what_is_clicked_on_in_the_plan_is_inspected(page: Page) -> None:
    drawn = page.locator('.sx-paper [data-target="reflow.1"]')
    drawn.click()
    assert page.get_by_role("button", name="回流焊 设备 1").get_attribute("aria-pressed") == "true"
    assert "sx-chosen" in (drawn.get_attribute("class") or "")
    page.get_by_role("button", name="回流焊 设备 1").press("Enter")
    assert "sx-chosen" not in (drawn.get_attribute("class") or "")


@pytest.mark.browser
def test_the_language_is_changed_on_the_page(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("button", name="Play").is_visible()
    assert page.get_by_text("Parts in the line", exact=True).is_visible()
    assert page.get_by_role("button", name="Paste printer").is_visible()
    page.get_by_role("button", name="中文").click()
    assert page.get_by_text("在制品", exact=True).is_visible()


@pytest.mark.browser
def test_it_fits_a_telephone(chromium: Browser, address: str) -> None:
    with opened(chromium, address, 360, 740) as page:
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        box = page.locator("canvas").bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 200


MORE_VIEWS = """async (many) => {
    const { openPage } = await import("./twin.js");
    globalThis.views = [];
    for (let number = 0; number < many; number += 1) {
        const root = document.createElement("main");
        document.body.append(root);
        views.push(await openPage(root, "./", "en"));
    }
}"""
ALIVE = "view => !view.stage.renderer.getContext().isContextLost()"


@pytest.mark.browser
def test_many_views_on_one_page_take_turns_in_being_drawn(chromium: Browser, address: str) -> None:
    """A browser keeps 16 drawings alive; those out of sight give theirs back and get it again."""
    with opened(chromium, address) as page:
        page.evaluate(MORE_VIEWS, 20)
        comes_true(page, f"views.filter({ALIVE}).length <= 8")
        for number in (19, 0, 10):
            page.evaluate(f"views[{number}].frame.scrollIntoView({{ block: 'center' }})")
            comes_true(page, f"({ALIVE})(views[{number}]) && views[{number}].stage.seat.held")
            canvas = page.locator("canvas").nth(number + 1)

            def drawn(canvas: Locator = canvas) -> bool:
                shot = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
                return len(np.unique(np.asarray(shot).reshape(-1, 3), axis=0)) > 100

            until(drawn, "the view to be drawn")
        comes_true(page, f"views.filter({ALIVE}).length <= 8")


@pytest.fixture
def twin(pcb_run: Run) -> Twin:
    made: Any = Twin(pcb_run.scenario, 7)
    made.advance(4000)
    return made  # type: ignore[no-any-return]


def test_moments_are_the_same_whether_one_was_there_from_the_beginning(twin: Twin, redis_url: str) -> None:
    """Who joins late, and knows the journal until then, sees what everybody sees."""
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        Broadcast(twin, client, name).ended()
        first, late = (Moments(client, name, twin.journal) for _ in range(2))
    first.hear(Snapshot("1-0", "joined", twin.time_s, twin.rows, {}))
    piece = twin.advance(4200)
    first.hear(Piece("1-1", 4200, twin.rows - len(piece), piece))
    late.hear(Snapshot("1-2", "joined", 4200, twin.rows, {}))
    assert first.moment() == late.moment()
    assert first.moment().head["rows"] == twin.rows


def test_who_comes_later_gets_the_shapes_of_all_that_has_ever_moved(twin: Twin, redis_url: str) -> None:
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        Broadcast(twin, client, name).ended()
        moments = Moments(client, name, twin.journal)
    moments.hear(Snapshot("1-0", "joined", twin.time_s, twin.rows, {}))
    first = moments.moment().head
    moments.hear(Snapshot("1-1", "rewound", 0.0, 0, {}))
    names = {movers.name for movers in moments.scene().movers}
    assert set(first["movers"]) <= names
    assert moments.moment().head["shapes"] == {}


@pytest.mark.browser
def test_what_happens_in_a_plant_is_seen_at_once(chromium: Browser, twin: Twin, redis_url: str) -> None:
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        broadcast = Broadcast(twin, client, name)
        app = live_page(Moments(client, name, twin.journal), redis.asyncio.Redis.from_url(redis_url))
        with served(app) as address, opened(chromium, address) as page:
            broadcast.happened(twin.advance(4100), 4100)
            comes_true(page, f"twin.seen.some(([rows]) => rows === {twin.rows})")
            assert page.get_by_role("button", name="播放").is_hidden()
            before = page.locator("canvas").screenshot()
            broadcast.happened(twin.advance(4130), 4130)
            comes_true(page, f"twin.seen.some(([rows]) => rows === {twin.rows})")
            assert page.locator("canvas").screenshot() != before
            page.evaluate("globalThis.last = twin.seen.length")
            broadcast.jumped()  # nothing has happened, but everybody is told anew
            comes_true(page, "twin.seen.length > globalThis.last")


@pytest.mark.browser
def test_a_plant_that_is_wound_back_tells_the_page_how_far_it_is(
    chromium: Browser, twin: Twin, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twins.reliving.SLICE_ROWS", 2000)
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        live = Live(twin, Pace(twin.time_s, 1.0, clock=lambda: 0.0), tick_s=0.0)
        live.listen(Broadcast(twin, client, name))
        app = live_page(Moments(client, name, twin.journal), redis.asyncio.Redis.from_url(redis_url))
        with served(app) as address, opened(chromium, address) as page:
            badge = page.get_by_role("status").first
            until(lambda: "实时" in badge.inner_text(), "the plant to be seen")
            live.rewind(3000, who="teacher")
            until(lambda: "回到 0:50:00，正在重演过去" in badge.inner_text(), "the page to tell what is going on")
            while not twin.ready:
                live.step()
            until(lambda: "实时" in badge.inner_text(), "the plant to be seen again")
            assert page.evaluate("twin.parcel.head.start_s + twin.clock.time_s") == 3000


@pytest.mark.browser
def test_a_running_plant_has_its_plots_and_its_plan_beside_it(chromium: Browser, twin: Twin, redis_url: str) -> None:
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        broadcast = Broadcast(twin, client, name)
        app = live_page(Moments(client, name, twin.journal), redis.asyncio.Redis.from_url(redis_url))
        with served(app) as address, opened(chromium, address, 390, 2200) as page:
            broadcast.happened(twin.advance(4100), 4100)
            until(drawn_on(page, "产线平面：1:08:20"), "the plan of the present")
            work = page.locator(".sx-plot").filter(has_text="在制品")
            until(lambda: work.count() == 1, "the plots")
            line = work.locator("path").nth(1)
            before = line.get_attribute("d")
            broadcast.happened(twin.advance(4700), 4700)
            until(drawn_on(page, "产线平面：1:18:20"), "the plan to follow")
            until(lambda: line.get_attribute("d") != before, "the plot to grow")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.get_by_role("button", name="English").click()
            until(drawn_on(page, "The line at 1:18:20"), "the plan in another language")
            assert page.get_by_text("work in progress", exact=True).is_visible()
            assert page.locator(".sx-notes").get_by_text("blocked").first.is_visible()
            page.get_by_role("button", name="Paste printer machine 1").press("Enter")
            facts = page.locator(".sx-facts")
            until(lambda: "Paste printer" in facts.locator("p").inner_text(), "what the machine does now")
            assert facts.locator("li").count() == 6


def test_whoever_asks_again_is_told_that_nothing_has_changed(twin: Twin, redis_url: str) -> None:
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        Broadcast(twin, client, name).ended()
        moments = Moments(client, name, twin.journal)
        moments.hear(Snapshot("1-0", "joined", twin.time_s, twin.rows, {}))
        with served(live_page(moments, redis.asyncio.Redis.from_url(redis_url))) as address:
            for what in ("plots", "plan?lang=en"):
                first = httpx.get(address + what, timeout=60)
                assert first.status_code == 200
                again = httpx.get(address + what, headers={"If-None-Match": first.headers["etag"]}, timeout=60)
                assert (again.status_code, again.content) == (304, b"")
            assert "The line at 1:06:40" in first.text


def test_moments_of_a_garden_have_the_movers_of_its_scene(redis_url: str) -> None:
    """What stands is built once; who walks is the same as in a scene that is built anew."""
    twin = Twin(garden_example(), 1)
    twin.advance(39_600)
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        Broadcast(twin, client, name).ended()
        moments = Moments(client, name, twin.journal)
    moments.hear(Snapshot("1-0", "joined", twin.time_s, twin.rows, {}))
    scene = moments.scene()
    late_s = twin.time_s - scene.start_s - BEHIND_S
    head = moments.moment().head
    shown = {movers.name: int((movers.vanish_s > late_s).sum()) for movers in scene.movers}
    assert sum(shown.values()) > 0
    assert {movers: copies["appear"][1] for movers, copies in head["movers"].items()} == shown


def test_whoever_is_drawn_live_is_lit_by_the_hour(redis_url: str) -> None:
    """The light is part of the programs that come with a shape."""
    twin = Twin(garden_example(), 1)
    name = uuid4().hex
    with redis.Redis.from_url(redis_url) as client:
        Broadcast(twin, client, name).ended()
        moments = Moments(client, name, twin.journal)
    twin.advance(39_600)
    moments.hear(Snapshot("1-0", "joined", twin.time_s, twin.rows, {}))
    window_s = moments.window_s()
    run = Run(twin.scenario, 1, 0, {}, twin.journal())
    drawn = pack(scene_of(run, *window_s), About(), live=True).head["shapes"]["visitors"]["fragment"]
    assert moments.moment().head["shapes"]["visitors"]["fragment"] == drawn
