from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from grading.app import create_service
from grading.leases import Leases

from .conftest import PREFIX, graded, serving, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grading.service import Service
    from grading.settings import GradingSettings, HubConnection

    from .conftest import HubPeer, Tokens

    Browser = Callable[..., httpx.Client]


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    """A browser with a session, and optionally a language."""
    opened: list[httpx.Client] = []

    def open_as(token: str, language: str = "en") -> httpx.Client:
        client = httpx.Client(base_url=address, headers={"Accept-Language": language}, timeout=30)
        client.cookies.set("shixun-grading", token, path=f"{PREFIX}/")
        opened.append(client)
        return client

    yield open_as
    for client in opened:
        client.close()


def test_a_learner_sees_her_labs(browser: Browser, tokens: Tokens, service: Service) -> None:
    graded(service.database, points=72.5)
    stored(service.database, lab="endless-line", key="waiting")
    page = browser(tokens.li).get("/").text
    assert "Best score 72.5 of 100" in page
    assert "Grading in progress" in page
    assert "Not tried yet" in page
    assert 'href="/hub/user-redirect/lab/tree/labs/small-line/en-small-line.ipynb"' in page
    assert 'href="/hub/logout"' in page
    assert "/class" not in page


def test_chinese_is_complete_and_the_notebook_too(browser: Browser, tokens: Tokens, service: Service) -> None:
    graded(service.database)
    visitor = browser(tokens.li, "zh-CN")
    page = visitor.get("/").text
    assert '<html lang="zh-CN">' in page
    assert "打开实验" in page
    assert "small-line/zh-small-line.ipynb" in page
    for path in ("/", "/account"):
        visible = re.sub(r"<[^>]*>", " ", visitor.get(path).text)
        assert set(re.findall(r"[A-Za-z]{3,}", visible)) <= {"English"}


def test_a_chosen_language_is_kept(browser: Browser, tokens: Tokens) -> None:
    visitor = browser(tokens.li, "zh")
    assert "打开实验" in visitor.get("/").text
    assert "Open lab" in visitor.get("/?lang=en").text
    assert "Open lab" in visitor.get("/").text
    assert "Open lab" in visitor.get("/?lang=fr").text


def test_a_learning_account_shows_every_outcome(browser: Browser, tokens: Tokens, service: Service) -> None:
    outcomes = [graded(service.database, points=float(number)) for number in range(55)]
    page = browser(tokens.li).get("/account").text
    assert all(f"/outcomes/{outcome.id}" in page for outcome in outcomes[5:])
    assert f"/outcomes/{outcomes[0].id}" not in page
    older = browser(tokens.li).get("/account?page=2").text
    assert f"/outcomes/{outcomes[0].id}" in older


def test_an_outcome_shows_its_feedback(browser: Browser, tokens: Tokens, service: Service) -> None:
    outcome = graded(service.database, points=80)
    english = browser(tokens.li).get(f"/outcomes/{outcome.id}").text
    for text in ("80.12 per hour", "good", "pass at 70 per hour", "A second welder", outcome.hash, "f" * 64):
        assert text in english
    chinese = browser(tokens.li, "zh").get(f"/outcomes/{outcome.id}").text
    assert "每小时 80.12" in chinese
    assert "第二台焊机" in chinese


def test_an_outcome_of_a_lab_that_is_gone_is_still_shown(browser: Browser, tokens: Tokens, service: Service) -> None:
    outcome = graded(service.database, lab="gone-lab")
    visitor = browser(tokens.li)
    assert "gone-lab" in visitor.get("/account").text
    assert "gone-lab" in visitor.get(f"/outcomes/{outcome.id}").text


def test_what_waits_and_what_failed_is_shown(browser: Browser, tokens: Tokens, service: Service) -> None:
    stored(service.database, key="bad")
    claim = Leases(service.database).claim("worker", 60)
    assert claim is not None
    Leases(service.database).fail(claim, "the lab is <gone>", final=True)
    stored(service.database, "wang")
    stored(service.database, key="good")
    page = browser(tokens.li).get("/account").text
    assert "Could not be graded" in page
    assert "the lab is &lt;gone&gt;" in page
    assert "Number 2 in the queue" in page
    assert 'data-pending="1"' in page


def test_an_instructor_sees_her_class(browser: Browser, tokens: Tokens, service: Service) -> None:
    for points in (90, 40):
        graded(service.database, "wang", points=points)
    visitor = browser(tokens.instructor)
    page = visitor.get("/class").text
    assert "demo-class" in page
    assert "other-class" not in page
    row = page[page.index("?learner=wang") : page.index("</tr>", page.index("?learner=wang"))]
    assert row.index(">90<") < row.index(">40<")
    assert "zhou" not in page
    assert visitor.get("/account?learner=wang").status_code == 200
    assert row in visitor.get("/class?name=demo-class").text


def test_an_administrator_sees_every_class(browser: Browser, tokens: Tokens) -> None:
    visitor = browser(tokens.administrator)
    assert "other-class" in visitor.get("/class").text
    assert "zhou" in visitor.get("/class?name=other-class").text


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("wang", "/account?learner=li", 403),
        ("wang", "/outcomes/{outcome}", 404),
        ("wang", "/class", 403),
        ("wang", "/class?name=demo-class", 403),
        ("instructor", "/account?learner=zhou", 403),
        ("instructor", "/class?name=other-class", 404),
        ("instructor", "/class?name=%3Cscript%3E", 404),
        ("powerless", "/account", 403),
        ("powerless", "/class", 403),
        ("powerless", "/outcomes/{outcome}", 404),
        ("li", "/outcomes/not-a-number", 404),
        ("li", "/account?page=0", 404),
        ("li", "/nothing", 404),
        ("li", "/static/../settings.py", 404),
    ],
)
def test_pages_of_others_are_closed(
    browser: Browser, tokens: Tokens, service: Service, who: str, path: str, status: int
) -> None:
    outcome = graded(service.database, "li", points=77)
    answer = browser(getattr(tokens, who)).get(path.format(outcome=outcome.id))
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "77" not in re.sub(r"<[^>]*>", "", answer.text)


@pytest.mark.parametrize("path", ["/", "/account", "/class", "/outcomes/7d9e8f5e-6a53-4f2d-8d3e-0a1b2c3d4e5f"])
def test_without_a_session_every_page_asks_to_log_in(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/hub/api/oauth2/authorize?")


def test_a_header_token_opens_no_page(http: httpx.Client, tokens: Tokens) -> None:
    assert http.get("/account", headers={"Authorization": f"token {tokens.li}"}).status_code == 302


def test_everything_is_escaped(browser: Browser, hub: HubPeer, tokens: Tokens, service: Service) -> None:
    name = "<script>alert(1)</script>"
    hub.groups["demo-class"].append(name)
    graded(service.database, name)
    page = browser(tokens.instructor).get("/class").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Small&lt;/b&gt; line" in page
    assert "<b>Small</b>" not in page


def test_answers_carry_the_security_headers(browser: Browser, tokens: Tokens) -> None:
    answer = browser(tokens.li).get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    for forbidden in (" style=", "<style", " onclick=", "http://", "https://"):
        assert forbidden not in answer.text
    for link in re.findall(r'(?:src|href)="([^"]*static[^"]*)"', answer.text):
        assert browser(tokens.li).get(link.removeprefix(PREFIX)).status_code == 200


def test_a_request_id_is_kept_where_it_is_harmless(http: httpx.Client) -> None:
    assert http.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert http.get("/healthz", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"] != "a b\tc"


@pytest.mark.parametrize(("session", "warned"), [("process", True), ("docker", False)])
def test_sessions_without_isolation_are_warned_of(
    settings: GradingSettings, connection: HubConnection, tokens: Tokens, session: str, *, warned: bool
) -> None:
    service = create_service(settings.model_copy(update={"session": session}), connection)
    with serving(service) as address:
        cookies = {"shixun-grading": tokens.li}
        page = httpx.get(f"{address}/", cookies=cookies, headers={"Accept-Language": "en"}, timeout=60).text
    service.close()
    assert ("not isolated" in page) is warned
