"""A policy of her own, end to end: written in a notebook, tried there, graded in the sandbox, shown in her account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.test_thread import browser_page, log_in, run_all_cells, take_picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartTrainingBase


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_student_writes_tries_and_submits_a_policy(
    training_base: StartTrainingBase, browser_path: str, tmp_path: Path
) -> None:
    base = training_base("process")
    with browser_page(browser_path, tmp_path) as page:
        log_in(page, base, "student")
        page.locator("#open-batch-scheduling").click()
        page.wait_for_selector(".jp-Notebook")
        page.get_by_text("Python 3 (ipykernel) | 空闲").wait_for()
        run_all_cells(page)

        # The second form is that of her policy.
        submits = page.locator("button.shixun-submit")
        expect(submits).to_have_count(2)
        compared = page.locator(".jp-OutputArea table", has_text="EASY 回填").last
        compared.scroll_into_view_if_needed()
        take_picture(page, tmp_path, "policies-compared")
        submit = submits.last
        submit.scroll_into_view_if_needed()
        submit.click()
        scored = page.get_by_text(re.compile(r"得分 \d+\.\d / 100")).first
        expect(scored).to_be_visible()
        take_picture(page, tmp_path, "policy-submitted")

        # Her account shows the policy itself.
        page.goto(f"{base.url}/services/grading/account")
        page.locator(".row", has_text="谁先上机").first.click()
        expect(page.locator("pre.code")).to_contain_text("def schedule(queue, cluster, now_s):")
        take_picture(page, tmp_path, "policy-outcome")
