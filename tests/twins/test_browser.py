"""The twin in a real JupyterLab, in a real Chromium, worked by keyboard."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from hub_config.ports import find_free_ports
from simulators import simulate
from simulators.production_line import ProductionLine
from twins.renderer import framing
from twins.showing import scene_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, ConsoleMessage, FloatRect, Locator, Page

    from twins.scene import Scene

PATIENCE_S = 90

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The first machine is down from 600 s to 900 s.
LINE = {
    "kind": "production_line",
    "horizon_s": 3600,
    "release": {"kind": "saturated"},
    "stations": [
        {
            "name": "printer",
            "label": {"zh": "锡膏印刷", "en": "Paste printer"},
            "service": {"kind": "deterministic", "value_s": 20},
            "failures": {
                "up_time": {"kind": "deterministic", "value_s": 600},
                "repair_time": {"kind": "deterministic", "value_s": 300},
            },
        },
        {
            "name": "reflow",
            "label": {"zh": "回流焊", "en": "Reflow oven"},
            "service": {"kind": "deterministic", "value_s": 22},
            "buffer_places": 4,
        },
    ],
}

SHOW = """
from simulators import simulate
from simulators.production_line import ProductionLine
import twins
line = ProductionLine.model_validate(LINE)
twins.show(simulate(line, seed=1), start_s=700, end_s=1400, renderer=RENDERER)
"""
STAY_BUSY = """
import pathlib, time
while not pathlib.Path("enough").exists():
    time.sleep(0.1)
"""


# Where each renderer shows the time, and what is moved to change it.
CLOCKS = {"anywidget": ".sx-clock", "pythreejs": ".widget-readout"}
TOLD = {"anywidget": ".sx-facts", "pythreejs": ".shixun-told"}
HANDLES = {"anywidget": ".sx-bar input[type=range]", "pythreejs": ".noUi-handle"}


@pytest.fixture(scope="module", params=sorted(CLOCKS))
def renderer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, renderer: str) -> Path:
    return tmp_path_factory.mktemp(renderer)


@pytest.fixture(scope="module")
def page(folder: Path, renderer: str, chromium: Browser) -> Iterator[Page]:
    """A notebook that shows a twin; its second cell keeps the kernel busy when it is run."""
    with lab(folder, renderer) as address:
        page = chromium.new_page(viewport={"width": 1360, "height": 950})
        page.set_default_timeout(PATIENCE_S * 1000)
        page.problems, page.renderer, page.said = [], renderer, []  # type: ignore[attr-defined]
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: page.said.append(frame)))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: complains(said) and page.problems.append(said.text))
        page.goto(address)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first

        def runs() -> bool:
            """On a busy machine the page may not listen to keys yet."""
            page.locator(".jp-Cell .cm-content").first.click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(2000)
            return bool(set("*1") & set(prompt.inner_text()))

        until(runs, "the cell to run")
        page.locator("canvas").wait_for()
        until(lambda: colors(picture(page)) > 100, "the canvas to be drawn")
        yield page
        page.close()


def complains(said: ConsoleMessage) -> bool:
    return said.type in {"error", "warning"} and ("WebGL" in said.text or "THREE" in said.text)


@contextmanager
def lab(folder: Path, renderer: str) -> Iterator[str]:
    """Serve the folder by JupyterLab; yield the notebook's address."""
    show = f"LINE = {LINE!r}\nRENDERER = {renderer!r}\n{SHOW}"
    cells = [
        {"cell_type": "code", "id": f"cell{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        for i, text in enumerate([show, STAY_BUSY])
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "twin.ipynb").write_text(json.dumps(notebook))
    settings = folder / ".settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    (port,) = find_free_ports(1)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabApp.user_settings_dir={folder}/.settings", f"--LabApp.workspaces_dir={folder}/.workspaces"]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: answers(f"{address}/api/status", server, log), "JupyterLab to answer")
            yield f"{address}/lab/tree/twin.ipynb"
        finally:
            server.terminate()
            server.wait(timeout=30)


def answers(address: str, server: subprocess.Popen[bytes], log: Path) -> bool:
    assert server.poll() is None, log.read_text()
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False


def until(holds: object, what: str) -> None:
    """Wait until ``holds()`` is true."""
    assert callable(holds)
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.1)


def picture(page: Page) -> NDArray[np.uint8]:
    """Return what the canvas shows, ``(H, W, 3)``."""
    shot = page.locator("canvas").screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def colors(pixels: NDArray[np.uint8]) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def red(pixels: NDArray[np.uint8]) -> int:
    """Count the pixels that are as red as the lamp of a machine that is down."""
    r, g, b = pixels.astype(int).transpose(2, 0, 1)
    return int(((r > 140) & (g < 60) & (b < 80)).sum())


def clock(page: Page) -> str:
    return page.locator(CLOCKS[page.renderer]).inner_text()  # type: ignore[attr-defined]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Space")


def scrub(page: Page, key: str) -> None:
    page.locator(HANDLES[page.renderer]).focus()  # type: ignore[attr-defined]
    page.keyboard.press(key)


def resting(page: Page) -> NDArray[np.uint8]:
    """Wait until two pictures in a row are equal; return the picture."""
    pictures = [picture(page)]

    def rests() -> bool:
        pictures.append(picture(page))
        return bool((pictures[-1] == pictures[-2]).all())

    until(rests, "the picture to rest")
    return pictures[-1]


def test_the_canvas_is_drawn_in_many_colours(page: Page) -> None:
    until(lambda: colors(picture(page)) > 1000, "the canvas to be drawn in many colours")
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_machine_that_is_down_shows_red_until_it_is_repaired(page: Page) -> None:
    scrub(page, "Home")
    until(lambda: clock(page) == "0:11:40", "the slider to stand at the start")
    broken = resting(page)
    scrub(page, "End")
    until(lambda: clock(page) == "0:23:20", "the slider to stand at the end")
    until(lambda: red(picture(page)) < red(broken) - 150, "the red lamp to go out")


def test_it_plays_and_pauses(page: Page) -> None:
    scrub(page, "Home")
    before = resting(page)
    press(page, "播放")
    until(lambda: clock(page) > "0:12:10", "the clock to go on")
    first = picture(page)
    until(lambda: (picture(page) != first).any(), "something to move")
    press(page, "暂停")
    paused = resting(page)
    shown = clock(page)
    assert (paused != before).any()
    time.sleep(1.5)
    assert (picture(page) == paused).all()
    assert clock(page) == shown


def test_it_plays_without_the_kernel(page: Page, folder: Path) -> None:
    """The kernel runs another cell all the while, so nothing that moves can come from it."""
    scrub(page, "Home")
    before = resting(page)
    page.locator(".jp-Cell .cm-content").nth(1).click()
    page.keyboard.press("Shift+Enter")
    try:
        running = page.locator(".jp-CodeCell .jp-InputPrompt").nth(1).get_by_text("[*]:")
        running.wait_for()
        press(page, "播放")
        until(lambda: clock(page) > "0:12:30", "the clock to go on")
        first = picture(page)
        assert (first != before).any()
        until(lambda: (picture(page) != first).any(), "something to move")
        assert running.is_visible()
        scrub(page, "End")
        until(lambda: clock(page) == "0:23:20", "the slider to stand at the end")
        assert running.is_visible()
    finally:
        (folder / "enough").touch()
    running.wait_for(state="detached")


def test_the_kernel_hears_nothing_steadily(page: Page) -> None:
    scrub(page, "Home")
    until(lambda: clock(page) == "0:11:40", "the slider to stand at the start")
    press(page, "播放")

    def quiet() -> bool:
        """Tell whether the kernel hears nothing while the clock goes on; at first it hears what was pressed."""
        heard, shown = len(heard_by_kernel(page)), clock(page)
        until(lambda: seconds(clock(page)) > seconds(shown) + 40, "the clock to go on")
        return len(heard_by_kernel(page)) == heard

    until(quiet, "silence")
    heard = len(heard_by_kernel(page))
    press(page, "暂停")
    until(lambda: len(heard_by_kernel(page)) > heard, "the kernel to hear")


def seconds(shown: str) -> int:
    hours, minutes, rest = map(int, shown.split(":"))
    return 3600 * hours + 60 * minutes + rest


def heard_by_kernel(page: Page) -> list[bytes]:
    """Return the widgets' messages to the kernel so far."""
    clock(page)  # Playwright delivers what it has seen only when it is asked for something
    return [frame for frame in map(as_bytes, page.said) if b"comm_msg" in frame]  # type: ignore[attr-defined]


def as_bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


@pytest.fixture(scope="module")
def scene() -> Scene:
    """The scene that the notebook shows."""
    run = simulate(ProductionLine.model_validate(LINE), seed=1)
    return scene_of(run, 700, 1400)


def told(page: Page) -> str:
    """Return what the page tells about the thing that is chosen."""
    return page.locator(TOLD[page.renderer]).first.inner_text()  # type: ignore[attr-defined]


def test_a_thing_is_inspected_by_keyboard(page: Page, renderer: str, scene: Scene) -> None:
    name = scene.targets[-1].text.zh
    if renderer == "pythreejs":
        page.get_by_label("查看").select_option(label=name)
    else:
        page.get_by_role("button", name=name, exact=True).press("Enter")
    until(lambda: name in told(page), "the thing to be told of")


def test_a_thing_is_inspected_by_a_click(page: Page, scene: Scene) -> None:
    target = next(target for target in scene.targets if target.text.zh != scene.targets[-1].text.zh)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    x, y = seen_at(scene, (np.array(target.low_m) + target.high_m) / 2, box["width"] / box["height"])
    page.locator("canvas").click(position={"x": x * box["width"], "y": y * box["height"]})
    names = {one.text.zh for one in scene.targets}
    until(lambda: any(name in told(page) for name in names - {scene.targets[-1].text.zh}), "the thing to be told of")


def test_a_narrow_page_shows_the_whole_picture_and_clicks_meet_what_they_point_at(page: Page, scene: Scene) -> None:
    canvas, place = page.locator("canvas"), page.locator(".jp-OutputArea-output").last
    wide = canvas.bounding_box()
    assert wide is not None
    page.set_viewport_size({"width": 820, "height": 950})
    try:
        until(lambda: narrower(canvas.bounding_box(), wide), "the picture to become narrower")
        until(lambda: inside(canvas.bounding_box(), place.bounding_box()), "the picture to fit")
        target = next(one for one in scene.targets if one.text.zh not in told(page))

        def click() -> bool:
            """Click where it is now: the page may still move."""
            box = canvas.bounding_box()
            assert box is not None
            x, y = seen_at(scene, (np.array(target.low_m) + target.high_m) / 2, box["width"] / box["height"])
            canvas.click(position={"x": x * box["width"], "y": y * box["height"]})
            page.wait_for_timeout(2000)
            return target.text.zh in told(page)

        until(lambda: target.text.zh in told(page) or click(), "the thing to be told of")
    finally:
        page.set_viewport_size({"width": 1360, "height": 950})


def narrower(one: FloatRect | None, other: FloatRect) -> bool:
    return one is not None and one["width"] < other["width"]


def inside(inner: FloatRect | None, outer: FloatRect | None) -> bool:
    return (
        inner is not None
        and outer is not None
        and inner["x"] >= outer["x"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    )


def seen_at(scene: Scene, point_m: NDArray[np.float64], aspect: float) -> tuple[float, float]:
    """Return where a point of a scene is in its picture, as shares of width and height."""
    camera = scene.camera or framing(scene.bounds_m, 2.3)
    back = np.subtract(camera.eye_m, camera.target_m)
    back /= np.linalg.norm(back)
    right = np.cross((0, 1, 0), back)
    right /= np.linalg.norm(right)
    seen = point_m - camera.eye_m
    depth = -(seen @ back) * np.tan(np.radians(camera.view_angle_deg / 2)) * max(1.0, 2.3 / aspect)
    return (1 + seen @ right / depth / aspect) / 2, (1 - seen @ np.cross(back, right) / depth) / 2


def unfold(page: Page) -> Locator:
    """Unfold the plan by keyboard, where it is not yet; return its drawing."""
    details = page.locator(".sx-plan")
    if details.get_attribute("open") is None:
        details.locator("summary").press("Enter")
    return details.locator("svg")


def test_the_plan_is_unfolded_by_keyboard_and_follows_the_time(page: Page) -> None:
    assert page.locator(".sx-plan svg").count() == 0
    scrub(page, "Home")
    drawing = unfold(page)
    until(lambda: "产线平面：0:11:40" in drawing.text_content(), "the plan of the window's start")  # type: ignore[operator]
    scrub(page, "End")
    until(lambda: "产线平面：0:23:20" in drawing.text_content(), "the plan of the window's end")  # type: ignore[operator]


def test_what_is_clicked_on_in_the_plan_is_inspected_and_framed_there(page: Page, scene: Scene) -> None:
    unfold(page).locator('[data-target="printer.1"]').click()
    (name,) = (target.text.zh for target in scene.targets if target.name == "printer.1")
    until(lambda: name in told(page), "the thing to be told of")
    until(lambda: page.locator(".sx-chosen").count() == 1, "it to be framed")
    assert page.locator(".sx-chosen").get_attribute("data-target") == "printer.1"


def test_plots_stand_beside_the_scene_and_follow_the_time(page: Page) -> None:
    down = page.locator(".sx-plot").filter(has_text="故障的设备")
    assert page.locator(".sx-plot").count() > 2
    scrub(page, "Home")
    until(lambda: down.locator("output").inner_text() == "50 %", "one of two machines to be down")
    scrub(page, "End")
    until(lambda: down.locator("output").inner_text() == "0 %", "no machine to be down")
    box = down.locator("svg").bounding_box()
    assert box is not None
    down.locator("svg").click(position={"x": box["width"] / 2, "y": 20})
    until(lambda: abs(seconds(clock(page)) - 1050) < 20, "the middle of the window to be shown")
