"""The pages in a real browser: nothing is refused by the policy, results arrive by themselves, phones fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from grading.leases import Leases
from grading.outcomes import Outcomes

from .conftest import graded, judged, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from grading.service import Service

    from .conftest import Tokens

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser_path: str, address: str, tokens: Tokens) -> Iterator[Page]:
    """A phone-sized page of a learner's browser; whatever its console says is an error."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = browser.new_context(base_url=f"{address}/", locale="en-US", viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": "shixun-grading", "value": tokens.li, "url": f"{address}/"}])
        opened = context.new_page()
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        yield opened
        browser.close()
    assert said == []


def test_a_result_arrives_by_itself(page: Page, service: Service) -> None:
    stored(service.database)
    page.goto("account")
    expect(page.get_by_text("Number 1 in the queue")).to_be_visible()
    claim = Leases(service.database).claim("worker", 600)
    assert claim is not None
    expect(page.get_by_text("Being simulated and graded")).to_be_visible(timeout=60_000)
    outcome = Outcomes(service.database).record(claim, judged(72.5))
    link = page.locator(f'a[href$="/outcomes/{outcome.id}"]')
    expect(link).to_contain_text("72.5", timeout=60_000)
    expect(page.get_by_role("status")).to_have_text("The page has new results.")
    link.click()
    expect(page.get_by_role("heading", name="Feedback")).to_be_visible()


def test_pages_fit_a_phone_and_the_keyboard_reaches_the_lab(page: Page, service: Service) -> None:
    outcome = graded(service.database)
    for path in ("", "account", f"outcomes/{outcome.id}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Open lab").first).to_be_focused()


@pytest.mark.parametrize(("width", "place"), [(390, "doc/workspaces/phone/tree"), (1200, "lab/tree")])
def test_a_lab_opens_on_a_phone_without_the_side_bar(page: Page, width: int, place: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.route("**/user-redirect/**", lambda route: route.fulfill(body="her session"))
    page.goto("")
    page.get_by_role("link", name="Open lab").first.click()
    expect(page.get_by_text("her session")).to_be_visible(timeout=60_000)
    assert f"/hub/user-redirect/{place}/labs/" in page.url
