from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from .conftest import LAB, PREFIX, bearing, graded, submit

if TYPE_CHECKING:
    import httpx

    from grading.service import Service

    from .conftest import HubPeer, Tokens

PROBLEM_FIELDS = {"type", "title", "status", "detail", "instance", "errors"}


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """Check that an answer is a problem document (RFC 9457) and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert set(found) == PROBLEM_FIELDS
    assert found["type"] == f"urn:shixun:problem:{kind}"
    assert found["status"] == status
    assert found["instance"] == answer.request.url.path
    assert found["title"]
    assert found["detail"]
    return found


def test_a_submission_is_stored_before_it_is_accepted(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    answer = submit(http, tokens.li)
    assert answer.status_code == 202
    found = answer.json()
    assert answer.headers["location"] == f"{PREFIX}/api/v1/submissions/{found['id']}"
    assert (found["learner"], found["lab"], found["state"], found["queue_position"]) == (
        "li",
        "small-line",
        "queued",
        1,
    )
    (stored,) = service.submissions.unfinished(["li"])
    assert str(stored.id) == found["id"]
    assert stored.lab_digest == service.shelf.lab("small-line").digest
    asked = http.get(f"/api/v1/submissions/{found['id']}", headers=bearing(tokens.li))
    assert asked.json() == found


def test_bearer_is_as_good_as_token(http: httpx.Client, tokens: Tokens) -> None:
    assert http.get("/api/v1/labs", headers={"Authorization": f"Bearer {tokens.li}"}).status_code == 200


def test_the_same_key_gives_the_same_submission(http: httpx.Client, tokens: Tokens) -> None:
    first, again = submit(http, tokens.li), submit(http, tokens.li)
    assert again.status_code == 202
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert submit(http, tokens.wang).json()["id"] != first.json()["id"]


def test_the_same_key_with_another_decision_is_a_conflict(http: httpx.Client, tokens: Tokens) -> None:
    first = submit(http, tokens.li)
    found = problem(submit(http, tokens.li, decision={"second_weld": 2}), 409, "idempotency-conflict")
    assert first.json()["id"] in found["detail"]
    problem(submit(http, tokens.li, lab="endless-line"), 409, "idempotency-conflict")


def test_posts_at_the_same_moment_with_one_key_are_one_submission(
    http: httpx.Client, tokens: Tokens, service: Service
) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: submit(http, tokens.li), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(service.submissions.unfinished(["li"])) == 1


def test_an_unknown_lab_is_not_found(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    for slug in ("no-such-lab", "../small-line", "small-line/../small-line"):
        found = problem(submit(http, tokens.li, lab=slug), 404, "unknown-lab")
        assert slug in found["detail"]
        assert "small-line" in found["detail"]
    problem(http.get("/api/v1/labs/no-such-lab", headers=bearing(tokens.li)), 404, "unknown-lab")
    assert service.submissions.unfinished(["li"]) == []


@pytest.mark.parametrize(
    ("decision", "fields"),
    [
        ({"second_weld": 4}, {"second_weld": ("4", "0 … 3")}),
        ({"second_weld": -1}, {"second_weld": ("-1", "0 … 3")}),
        ({"second_weld": "1"}, {"second_weld": ("'1'", "0 … 3")}),
        ({"second_weld": 3}, {"decision": ("12", "≤ 10")}),
        ({"second_weld": 9, "third": 1}, {"second_weld": ("9", "0 … 3"), "third": ("1", "second_weld")}),
    ],
)
def test_a_decision_out_of_bounds_is_refused_before_it_is_queued(
    http: httpx.Client, tokens: Tokens, service: Service, decision: dict[str, Any], fields: dict[str, tuple[str, str]]
) -> None:
    found = problem(submit(http, tokens.li, decision=decision), 422, "decision-refused")
    assert {error["field"]: (error["value"], error["bound"]) for error in found["errors"]} == fields
    assert all(error["message"] for error in found["errors"])
    assert service.submissions.unfinished(["li"]) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"lab": "small-line"}', "body.decision"),
        ('{"decision": {}}', "body.lab"),
        ('{"lab": "small-line", "decision": [1]}', "body.decision"),
        ('{"lab": "small-line", "decision": {}, "score": 100}', "body.score"),
        ('{"lab": 7, "decision": {}}', "body.lab"),
        ('{"lab": "small-line", "decision": {"second_weld": NaN}}', "body.decision"),
        ('{"lab": ', "body.8"),
        ("", "body"),
    ],
)
def test_a_malformed_body_is_refused_with_its_field(http: httpx.Client, tokens: Tokens, body: str, field: str) -> None:
    headers = bearing(tokens.li, **{"Idempotency-Key": "k", "Content-Type": "application/json"})
    found = problem(http.post("/api/v1/submissions", content=body, headers=headers), 422, "request-invalid")
    assert field in [error["field"] for error in found["errors"]]


def test_a_lone_surrogate_is_answered_as_json(http: httpx.Client, tokens: Tokens) -> None:
    body = '{"lab": "small-line", "decision": {"\\ud800": "\\ud800"}}'
    headers = bearing(tokens.li, **{"Idempotency-Key": "k", "Content-Type": "application/json"})
    problem(http.post("/api/v1/submissions", content=body, headers=headers), 422, "decision-refused")


@pytest.mark.parametrize("key", [None, "", "x" * 256, "two words"])
def test_the_idempotency_key_is_needed_and_bounded(http: httpx.Client, tokens: Tokens, key: str | None) -> None:
    headers = bearing(tokens.li) if key is None else bearing(tokens.li, **{"Idempotency-Key": key})
    answer = http.post("/api/v1/submissions", json={"lab": "small-line", "decision": {}}, headers=headers)
    found = problem(answer, 422, "request-invalid")
    assert found["errors"][0]["field"] == "header.Idempotency-Key"


def test_a_large_request_is_refused(http: httpx.Client, tokens: Tokens) -> None:
    decision = {f"lever-{number}": "x" * 100 for number in range(1000)}
    found = problem(submit(http, tokens.li, decision=decision), 413, "too-large")
    assert "65536" in found["detail"]


def test_a_large_request_of_unknown_length_is_refused(address: str) -> None:
    """An honest client would announce the length; this one sends chunk after chunk."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port)) as raw:
        head = f"POST {parts.path}/api/v1/submissions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        raw.sendall(head.encode())
        for _ in range(9):
            raw.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_answers_speak_the_language_that_was_asked_for(http: httpx.Client, tokens: Tokens) -> None:
    def ask(accept: str) -> httpx.Response:
        headers = bearing(tokens.li, **{"Idempotency-Key": "k", "Accept-Language": accept})
        body = {"lab": "small-line", "decision": {"second_weld": 4}}
        return http.post("/api/v1/submissions", json=body, headers=headers)

    english, chinese = ask("en-GB"), ask("fr, zh;q=0.5")
    assert english.headers["content-language"] == "en"
    assert english.json()["title"] == "Decision refused"
    assert "A second welder" in english.json()["errors"][0]["message"]
    assert chinese.headers["content-language"] == "zh-CN"
    assert chinese.json()["title"] == "方案未被接受"
    assert "第二台焊机" in chinese.json()["errors"][0]["message"]


def test_outcomes_are_listed_filtered_and_paged(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    made = [graded(service.database, points=float(number)) for number in range(3)]
    graded(service.database, lab="endless-line")
    graded(service.database, "wang")

    def ask(**query: Any) -> dict[str, Any]:
        found: dict[str, Any] = http.get("/api/v1/outcomes", params=query, headers=bearing(tokens.li)).json()
        return found

    assert ask()["total"] == 4
    page = ask(lab="small-line", limit=2, offset=1)
    assert [item["id"] for item in page["items"]] == [str(made[1].id), str(made[0].id)]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
    for query in ({"limit": 0}, {"limit": 201}, {"offset": -1}):
        answer = http.get("/api/v1/outcomes", params=query, headers=bearing(tokens.li))
        problem(answer, 422, "request-invalid")


def test_an_outcome_carries_its_feedback_in_both_languages(
    http: httpx.Client, tokens: Tokens, service: Service
) -> None:
    made = graded(service.database, points=72.5)
    found = http.get(f"/api/v1/outcomes/{made.id}", headers=bearing(tokens.li)).json()
    assert (found["points"], found["maximum"]) == (72.5, 100)
    assert found["criteria"][0]["feedback"] == {"zh": "好", "en": "good"}
    assert found["estimates"]["throughput_per_h"] == {"mean": 80.125, "half_width_95": None, "unit": "1/h"}
    assert (found["hash"], found["seed_commitment"]) == (made.hash, "f" * 64)
    submission = http.get(f"/api/v1/submissions/{made.submission_id}", headers=bearing(tokens.li)).json()
    assert (submission["state"], submission["outcome_id"]) == ("graded", str(made.id))
    assert submission["queue_position"] is None


def test_labs_are_listed_without_what_only_graders_may_see(http: httpx.Client, tokens: Tokens) -> None:
    listed = http.get("/api/v1/labs", headers=bearing(tokens.li)).json()["items"]
    assert [lab["slug"] for lab in listed] == ["crashing-line", "endless-line", "small-line"]
    answer = http.get("/api/v1/labs/small-line", headers=bearing(tokens.li))
    found = answer.json()
    assert found["title"] == LAB["title"]
    assert found["budget"]["limit"] == 10
    assert [lever["name"] for lever in found["levers"]] == ["second_weld"]
    assert "pass_at" not in answer.text


def test_a_malformed_lab_is_not_offered(http: httpx.Client, tokens: Tokens, service: Service, caplog: Any) -> None:
    from grading.shelf import Shelf

    (service.settings.catalog / "endless-line" / "lab.yaml").write_text("version: [")
    (service.settings.catalog / "crashing-line" / "rubric.yaml").unlink()
    shelf = Shelf.read(service.settings.catalog)
    assert list(shelf.labs) == ["small-line"]
    assert shelf.broken == ("crashing-line", "endless-line")
    assert "endless-line" in caplog.text
    assert "lab.yaml" in caplog.text


def test_unknown_paths_and_methods_are_problems(http: httpx.Client, tokens: Tokens) -> None:
    problem(http.get("/api/v1/nothing", headers=bearing(tokens.li)), 404, "not-found")
    problem(http.delete("/api/v1/outcomes", headers=bearing(tokens.li)), 405, "method-not-allowed")
    problem(http.get("/api/v1/outcomes/not-a-uuid", headers=bearing(tokens.li)), 422, "request-invalid")


def test_an_error_of_our_own_shows_nothing_of_the_inside(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    with service.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE outcomes RENAME TO elsewhere")
    found = problem(http.get("/api/v1/outcomes", headers=bearing(tokens.li)), 500, "internal")
    assert "elsewhere" not in str(found)
    assert "sqlite" not in str(found).lower()


def test_the_hub_away_is_said_and_recovers(http: httpx.Client, tokens: Tokens, hub: HubPeer) -> None:
    hub.down = True
    answer = http.get("/api/v1/labs", headers=bearing(tokens.li))
    problem(answer, 503, "hub-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert http.get("/readyz").status_code == 503
    assert http.get("/healthz").json()["status"] == "ok"
    hub.down = False
    assert http.get("/api/v1/labs", headers=bearing(tokens.li)).status_code == 200
    ready = http.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"hub": "ok", "database": "ok"})


def test_the_openapi_document_tells_the_truth(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    made = graded(service.database)
    document = http.get("/api/v1/openapi.json").json()
    assert document["servers"] == [{"url": PREFIX}]
    paths = document["paths"]
    assert {path for path in paths if path.startswith("/api")} == {
        "/api/v1/audit",
        "/api/v1/classes/{class_name}/rules/{lab}",
        "/api/v1/classes/{class_name}/similarity/{lab}",
        "/api/v1/classes/{class_name}/transcripts",
        "/api/v1/learners/{learner}/data",
        "/api/v1/outcomes/{outcome_id}/trace",
        "/api/v1/regrades",
        "/api/v1/regrades/{regrade_id}",
        "/api/v1/regrades/{regrade_id}/apply",
        "/api/v1/regrades/{regrade_id}/drop",
        "/api/v1/schools",
        "/api/v1/schools/{school}",
        "/api/v1/schools/{school}/roster",
        "/api/v1/submissions",
        "/api/v1/transcripts/{learner}",
        "/api/v1/submissions/{submission_id}",
        "/api/v1/submissions/{submission_id}/events",
        "/api/v1/outcomes",
        "/api/v1/outcomes/{outcome_id}",
        "/api/v1/labs",
        "/api/v1/labs/{slug}",
    }

    def fits(answer: httpx.Response, path: str, method: str = "get") -> None:
        described = paths[path][method]["responses"][str(answer.status_code)]["content"]
        schema = described[answer.headers["content-type"]]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": document["components"]})

    mine = bearing(tokens.li)
    sent = submit(http, tokens.li)
    fits(sent, "/api/v1/submissions", "post")
    fits(http.get(f"/api/v1/submissions/{sent.json()['id']}", headers=mine), "/api/v1/submissions/{submission_id}")
    fits(http.get("/api/v1/outcomes", headers=mine), "/api/v1/outcomes")
    fits(http.get(f"/api/v1/outcomes/{made.id}", headers=mine), "/api/v1/outcomes/{outcome_id}")
    fits(http.get("/api/v1/labs", headers=mine), "/api/v1/labs")
    fits(http.get("/api/v1/labs/small-line", headers=mine), "/api/v1/labs/{slug}")
    fits(http.get("/api/v1/labs"), "/api/v1/labs")
    fits(http.get("/api/v1/outcomes", headers=bearing(tokens.powerless)), "/api/v1/outcomes")
    fits(submit(http, tokens.li, lab="x", key="2"), "/api/v1/submissions", "post")
    fits(submit(http, tokens.li, decision={"second_weld": 2}), "/api/v1/submissions", "post")
    fits(submit(http, tokens.li, decision={"second_weld": 4}, key="3"), "/api/v1/submissions", "post")
