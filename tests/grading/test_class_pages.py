from __future__ import annotations

import io
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import openpyxl
import pytest

from grading.people import School

from .conftest import PREFIX, bearing, graded, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grading.service import Service

    from .conftest import HubPeer, Tokens

    Browser = Callable[[str], httpx.Client]


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    """A browser with a session, that follows redirects."""
    opened: list[httpx.Client] = []

    def open_as(token: str) -> httpx.Client:
        client = httpx.Client(base_url=address, headers={"Accept-Language": "en"}, timeout=30, follow_redirects=True)
        client.cookies.set("shixun-grading", token, path=f"{PREFIX}/")
        opened.append(client)
        return client

    yield open_as
    for client in opened:
        client.close()


RULE = {"class_name": "demo-class", "lab": "small-line", "attempts": "3", "counts": "last", "deduction_percent": "12.5"}


def test_an_instructor_sets_rules_on_the_page(browser: Browser, tokens: Tokens, service: Service) -> None:
    form = {**RULE, "due_at": "2026-06-01T18:00"}
    page = browser(tokens.instructor).post("/class/rule", data=form)
    assert page.status_code == 200
    assert "3 attempts" in page.text
    assert 'value="2026-06-01T18:00"' in page.text
    rule = service.rules.of_class("demo-class", service.shelf.labs["small-line"])
    assert (rule.attempts, rule.counts, rule.deduction_per_day) == (3, "last", 0.125)
    assert rule.due_at is not None
    assert rule.due_at.isoformat() == "2026-06-01T10:00:00+00:00"
    refused = browser(tokens.instructor).post("/class/rule", data={**form, "closes_at": "2026-05-01T18:00"})
    assert refused.status_code == 422
    assert "must not be before" in refused.text


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_send_forms(
    headers: dict[str, str], browser: Browser, tokens: Tokens, service: Service
) -> None:
    answer = browser(tokens.instructor).post("/class/rule", data=RULE, headers=headers)
    assert answer.status_code == 403
    assert service.rules.of_class("demo-class", service.shelf.labs["small-line"]).attempts is None


def test_forms_are_for_who_manages_the_class(browser: Browser, tokens: Tokens, hub: HubPeer) -> None:
    assistant = hub.token("help", "custom:grading:read!group=demo-class")
    for token in (tokens.li, assistant):
        assert browser(token).post("/class/rule", data=RULE).status_code == 403
        regrade = {"lab": "small-line", "class_name": "demo-class", "reason": "why"}
        assert browser(token).post("/regrades", data=regrade).status_code == 403
    assert "Rules of this class" not in browser(assistant).get("/class?name=demo-class").text


def test_a_regrade_from_the_preview_to_the_new_outcome(browser: Browser, tokens: Tokens, service: Service) -> None:
    graded(service.database, points=60.0)
    graded(service.database, "wang", points=90.0)
    visitor = browser(tokens.instructor)
    form = {"lab": "small-line", "class_name": "demo-class", "reason": "mended <b>", "never_lower": "on"}
    page = visitor.post("/regrades", data=form)
    assert "2 outcomes are still simulated" in page.text
    assert "mended &lt;b&gt;" in page.text
    while item := service.regrades.claim("worker", 60):
        service.regrades.preview(item, asdict(judged(80.0)))
    address = urlsplit(str(page.url)).path.removeprefix(PREFIX)
    preview = visitor.get(address).text
    assert "Apply 1 change" in preview
    assert "stays as it is" in preview
    applied = visitor.post(f"{address}/apply").text
    assert "Applied by chen" in applied
    assert visitor.post(f"{address}/apply").status_code == 409
    newest = service.outcomes.of_learners(["li"])[0]
    assert "Regraded by chen" in visitor.get(f"/outcomes/{newest.id}").text
    assert browser(tokens.zhou).get(address).status_code == 403


def test_a_transcript_on_the_page_and_as_a_file(browser: Browser, tokens: Tokens, service: Service) -> None:
    graded(service.database, points=72.5)
    graded(service.database, points=10.0, lab="endless-line")
    visitor = browser(tokens.li)
    page = visitor.get("/transcript").text
    assert "72.5" in page
    assert "Find the bottleneck of a line" in page
    narrowed = visitor.get("/transcript?lab=endless-line&since=&until=").text
    assert "72.5" not in narrowed
    assert visitor.get("/transcript?since=2000-01-01&until=2000-01-02").text.count("No outcome with this filter.") == 1
    assert visitor.get("/transcript?format=json").json()["labs"][0]["points"] == 10.0
    assert visitor.get("/transcript?format=csv").headers["content-type"].startswith("text/csv")
    assert visitor.get("/transcript?learner=zhou").status_code == 403
    assert visitor.get("/transcript?since=nonsense").status_code == 404


def test_a_class_as_a_file(browser: Browser, tokens: Tokens, service: Service) -> None:
    graded(service.database)
    table = browser(tokens.instructor).get("/class/file?name=demo-class&format=csv")
    assert "li" in table.text
    assert browser(tokens.instructor).get("/class/file?name=other-class&format=csv").status_code == 404


def test_the_office_imports_a_roster_on_its_page(browser: Browser, hub: HubPeer, service: Service) -> None:
    service.people.put_school(School("north", "North College"))
    office = browser(hub.token("office", "custom:grading:read!group=north", "custom:grading:manage!group=north"))
    assert "North College" in office.get("/school").text
    roster = "学号,姓名,班级\n7,李明,one\n".encode()
    path = "/school/north/roster"
    taken = office.post(path, files={"roster": ("roster.csv", roster)})
    assert "The roster is imported: 1 learners." in taken.text
    assert "李明" in taken.text
    book = openpyxl.Workbook()
    book.active.append(["学号", "姓名", "班级"])
    book.active.append([8, "王芳", "two"])
    written = io.BytesIO()
    book.save(written)
    assert "王芳" in office.post(path, files={"roster": ("roster.xlsx", written.getvalue())}).text
    rows = {"roster": ("roster.csv", roster + b"?,?,one\n")}
    wrong = office.post(f"{path}?lang=zh", files=rows)
    assert wrong.status_code == 422
    assert "第 3 行，学号" in wrong.text
    assert "李明" in office.get("/school").text
    assert office.post(path).status_code == 422
    elsewhere = office.post(path, files={"roster": ("r.csv", roster)}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    assert office.post("/school/south/roster", files={"roster": ("r.csv", roster)}).status_code == 404


def test_schools_are_added_on_the_page_by_the_platform_and_changed_by_their_office(
    browser: Browser, hub: HubPeer, tokens: Tokens, service: Service
) -> None:
    platform = browser(tokens.administrator)
    office = browser(hub.token("office", "custom:grading:read!group=north", "custom:grading:manage!group=north"))
    form = {"name": "north", "title": "North College", "hours_per_credit": "18", "pass_percent": "70"}
    assert "Add a school" in platform.get("/school").text
    assert 'value="demo-class"' in platform.get("/school").text
    assert office.post("/school", data=form).status_code == 403
    assert office.get("/school").status_code == 404
    assert platform.post("/school", data=form).status_code == 200
    assert service.people.school("north") == School("north", "North College", 18, 0.7)
    assert "Add a school" not in office.get("/school").text
    assert office.post("/school", data={**form, "title": "Northern College"}).status_code == 200
    assert "Northern College" in office.get("/school").text
    for wrong in ({"name": "No Group"}, {"title": ""}, {"hours_per_credit": "many"}, {"pass_percent": "0"}):
        assert platform.post("/school", data={**form, **wrong}).status_code == 422
    assert platform.post("/school", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert platform.post("/school?lang=en", data={**form, "title": "<i>"}).status_code == 200
    assert "&lt;i&gt;" in platform.get("/school").text


def test_work_that_is_alike_is_shown_to_who_manages_the_class(
    browser: Browser, tokens: Tokens, service: Service
) -> None:
    for learner in ("li", "wang"):
        graded(service.database, learner)
    page = browser(tokens.instructor).get("/class/similarity?name=demo-class&lab=small-line")
    assert "100 %" in page.text
    assert "li" in page.text
    assert browser(tokens.li).get("/class/similarity?name=demo-class&lab=small-line").status_code == 403
    assert browser(tokens.instructor).get("/class/similarity?name=demo-class&lab=none").status_code == 404


def test_an_outcome_shows_its_hint(browser: Browser, tokens: Tokens, service: Service) -> None:
    from grading.assessment import study_key
    from grading.hints import want

    outcome = graded(service.database)
    key = study_key(outcome.lab_digest, outcome.engine_version, outcome.seed_commitment, outcome.decision)
    with service.database.writing() as connection:
        want(connection, [(key, outcome.lab, outcome.decision)])
    service.hints.put(key, {"lever": "second_weld", "change": 1, "gain": 12.5})
    page = browser(tokens.li).get(f"/outcomes/{outcome.id}").text
    assert "A second welder" in page
    assert "12.5 points more" in page


def test_progress_is_told_live(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    from grading.outcomes import Outcomes

    from .conftest import submit

    number = submit(http, tokens.li).json()["id"]
    events = []
    path = f"/api/v1/submissions/{number}/events"
    with http.stream("GET", path, headers=bearing(tokens.li)) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data:"):
                events.append(line)
                if len(events) == 1:
                    claim = service.leases.claim("worker", 60)
                    assert claim is not None
                    Outcomes(service.database).record(claim, judged())
    assert '"queue_position":1' in events[0]
    assert '"state":"graded"' in events[-1]
    assert http.get(path, headers=bearing(tokens.zhou)).status_code == 404
