from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import grading
from grading.audit_pages import ACTS

from .conftest import PREFIX, bearing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grading.service import Service

    from .conftest import Tokens

    Browser = Callable[[str], httpx.Client]


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    opened: list[httpx.Client] = []

    def open_as(token: str) -> httpx.Client:
        client = httpx.Client(base_url=address, headers={"Accept-Language": "en"}, timeout=30)
        client.cookies.set("shixun-grading", token, path=f"{PREFIX}/")
        opened.append(client)
        return client

    yield open_as
    for client in opened:
        client.close()


def test_an_administrator_finds_who_did_what(browser: Browser, tokens: Tokens, service: Service) -> None:
    service.audit.note("chen", "rule.set", "demo-class/small-line", {"attempts": 3})
    service.audit.note("zhao", "seed.reveal", "7d1f")
    platform = browser(tokens.administrator)
    everything = platform.get("/audit").text
    assert "chen" in everything
    assert "attempts: 3" in everything
    assert "Seed of an outcome looked at</td>" in everything
    of_one = platform.get("/audit", params={"who": "zhao"}).text
    assert "7d1f" in of_one
    assert "demo-class/small-line" not in of_one
    of_a_kind = platform.get("/audit", params={"act": "rule.set", "since": "2020-01-01", "until": ""}).text
    assert "demo-class/small-line" in of_a_kind
    assert "7d1f" not in of_a_kind
    assert "Nothing with this filter" in platform.get("/audit", params={"until": "2020-01-01"}).text
    assert "审计日志" in platform.get("/audit", params={"lang": "zh"}).text


def test_many_entries_are_shown_page_by_page(browser: Browser, tokens: Tokens, service: Service) -> None:
    for number in range(51):
        service.audit.note("chen", "rule.set", f"class-{number:02}/small-line")
    platform = browser(tokens.administrator)
    first = platform.get("/audit").text
    assert "class-50/small-line" in first
    assert "class-00/small-line" not in first
    assert "page=2" in first
    second = platform.get("/audit", params={"page": 2}).text
    assert "class-00/small-line" in second
    assert "page=3" not in second


def test_others_see_their_own_acts_and_learners_none(browser: Browser, tokens: Tokens, service: Service) -> None:
    service.audit.note("chen", "rule.set", "demo-class/small-line")
    service.audit.note("somebody-else", "rule.set", "other-class/small-line")
    own = browser(tokens.instructor).get("/audit", params={"who": "somebody-else"})
    assert own.status_code == 200
    assert "other-class" not in own.text
    assert browser(tokens.li).get("/audit").status_code == 403


def test_what_is_done_at_the_hub_is_noted_by_who_manages_the_school(
    http: httpx.Client, tokens: Tokens, service: Service
) -> None:
    entry = {"act": "accounts.import", "target": "demo-school", "details": {"people": 40, "gone": 2}}
    assert http.post("/api/v1/audit", json=entry, headers=bearing(tokens.administrator)).status_code == 201
    (noted,) = service.audit.page()
    assert (noted.act, noted.target, noted.details) == ("accounts.import", "demo-school", {"people": 40, "gone": 2})
    assert http.post("/api/v1/audit", json=entry, headers=bearing(tokens.li)).status_code == 403
    assert http.post("/api/v1/audit", json=entry, headers=bearing(tokens.instructor)).status_code == 403
    wrong = entry | {"act": "regrade.apply"}
    assert http.post("/api/v1/audit", json=wrong, headers=bearing(tokens.administrator)).status_code == 422


def test_every_act_that_is_noted_has_words() -> None:
    noted = {
        call.args[1].value
        for path in Path(grading.__file__).parent.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "note"
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
    }
    assert len(noted) > 5
    assert noted <= ACTS.keys()
