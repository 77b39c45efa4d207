"""The main job, end to end, as a student does it: a real browser, a real hub, real sessions, real grading."""

from __future__ import annotations

import io
import os
import re
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import StartTrainingBase, TrainingBase

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SLOW_MS = 180_000
expect.set_options(timeout=SLOW_MS)

PLAN = {"多功能贴片前缓存位": 2, "高速贴片机维保等级": 3, "多功能贴片机维保等级": 3}


@contextmanager
def browser_page(path: str, videos: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(SLOW_MS)
        try:
            yield page
        except BaseException:
            page.screenshot(path=videos / "failed.png")
            raise
        finally:
            browser.close()


def log_in(page: Page, base: TrainingBase, role: str) -> None:
    account = base.account(role)
    page.goto(base.url)
    page.fill("input[name=username]", account.name)
    page.fill("input[name=password]", account.password)
    page.click("[type=submit]")


def colours(page: Page, selector: str) -> int:
    """Count the colours in a picture of an element."""
    picture = Image.open(io.BytesIO(page.locator(selector).first.screenshot()))
    return len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0))


def take_picture(page: Page, folder: Path, name: str) -> None:
    """Keep a picture for people: in ``PICTURES`` (`make screenshots`), else among the test's own files."""
    folder = Path(os.environ.get("PICTURES") or folder)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def run_all_cells(page: Page) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^运行$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^运行所有单元格$")).click()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "session", [pytest.param("docker", marks=pytest.mark.docker), pytest.param("process", marks=pytest.mark.long)]
)
def test_a_student_opens_simulates_submits_and_sees_her_score(
    session: str, training_base: StartTrainingBase, browser_path: str, tmp_path: Path
) -> None:
    base = training_base(session)
    with browser_page(browser_path, tmp_path) as page:
        log_in(page, base, "student")

        # Her labs.
        expect(page.get_by_text("找出 PCB 产线的瓶颈").first).to_be_visible()
        warning = page.get_by_text("未隔离").or_(page.get_by_text("没有隔离"))
        expect(warning.first).to_be_visible() if session == "process" else expect(warning).to_have_count(0)
        take_picture(page, tmp_path, "labs")
        page.locator("#open-pcb-bottleneck").click()

        # The notebook, in her own session.
        page.wait_for_selector(".jp-Notebook")
        page.get_by_text("Python 3 (ipykernel) | 空闲").wait_for()
        run_all_cells(page)

        # The twin draws: a blank canvas would have a handful of colours.
        canvas = page.locator(".jp-OutputArea canvas").first
        canvas.scroll_into_view_if_needed()
        expect(canvas).to_be_visible()
        page.wait_for_function("() => [...document.querySelectorAll('.jp-OutputArea canvas')].some(c => c.width > 200)")
        deadline = time.monotonic() + SLOW_MS / 1000
        while colours(page, ".jp-OutputArea canvas") <= 200:
            assert time.monotonic() < deadline, "the twin is not drawn"
            page.wait_for_timeout(500)
        page.get_by_role("button", name="播放").click()
        page.wait_for_timeout(3000)
        take_picture(page, tmp_path, "twin")

        # She sets her plan, and submits.
        submit = page.locator("button.shixun-submit")
        submit.scroll_into_view_if_needed()
        for label, units in PLAN.items():
            handle = page.locator(".widget-slider", has_text=label).locator(".noUi-handle")
            handle.focus()
            for _ in range(units):
                page.keyboard.press("ArrowRight")
        expect(page.get_by_text("已用 60 / 60 万元")).to_be_visible()
        submit.click()
        scored = page.get_by_text(re.compile(r"得分 \d+\.\d / 100")).first
        expect(scored).to_be_visible()
        points = float(re.search(r"得分 (\d+\.\d)", scored.inner_text())[1])
        assert points > 90
        page.locator(".jp-OutputArea td", has_text="产量达到").first.scroll_into_view_if_needed()
        take_picture(page, tmp_path, "submitted")

        # The score stands in her learning account, with its feedback.
        page.goto(f"{base.url}/services/grading/account")
        expect(page.get_by_text(f"{points:g} / 100").first).to_be_visible()
        page.get_by_role("link", name=re.compile("找出 PCB 产线的瓶颈|详情|反馈")).first.click()
        expect(page.get_by_text("产量达到了这笔预算所能达到的水平").first).to_be_visible()
        take_picture(page, tmp_path, "outcome")

    # Her instructor sees it too.
    with browser_page(browser_path, tmp_path) as page:
        log_in(page, base, "instructor")
        page.goto(f"{base.url}/services/grading/class")
        expect(page.get_by_text(base.account("student").name).first).to_be_visible()
        expect(page.get_by_text(f"{points:g} / 100").first).to_be_visible()
        take_picture(page, tmp_path, "class")
