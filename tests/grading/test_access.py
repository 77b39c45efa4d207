"""Every route against every kind of token: none, forged, expired, powerless, another learner's, another class's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grading.access import Reader, may_submit
from grading.hub import Hub, Identity

from .conftest import bearing, graded, stored, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from grading.service import Service
    from grading.settings import HubConnection

    from .conftest import HubPeer, Tokens


@pytest.fixture
def routes(service: Service) -> dict[str, str]:
    """Every reading route of the API, at records of li."""
    outcome = graded(service.database, "li")
    waiting = stored(service.database, "li")
    return {
        "submission": f"/api/v1/submissions/{waiting.id}",
        "graded submission": f"/api/v1/submissions/{outcome.submission_id}",
        "outcomes": "/api/v1/outcomes",
        "outcomes of li": "/api/v1/outcomes?learner=li",
        "outcome": f"/api/v1/outcomes/{outcome.id}",
        "labs": "/api/v1/labs",
        "lab": "/api/v1/labs/small-line",
    }


ANYBODY = {"labs": 200, "lab": 200}
EXPECTED = {
    "li": {
        "submission": 200,
        "graded submission": 200,
        "outcomes": 200,
        "outcomes of li": 200,
        "outcome": 200,
        **ANYBODY,
    },
    # Another's record is answered like one that does not exist; a list that was asked for by name is refused.
    "wang": {
        "submission": 404,
        "graded submission": 404,
        "outcomes": 200,
        "outcomes of li": 403,
        "outcome": 404,
        **ANYBODY,
    },
    "powerless": {
        "submission": 403,
        "graded submission": 403,
        "outcomes": 403,
        "outcomes of li": 403,
        "outcome": 403,
        **ANYBODY,
    },
}
EXPECTED["instructor"] = EXPECTED["administrator"] = EXPECTED["machine"] = EXPECTED["li"]
EXPECTED["zhou"] = EXPECTED["wang"]


@pytest.mark.parametrize("who", sorted(EXPECTED))
def test_each_token_reads_what_it_may(http: httpx.Client, tokens: Tokens, routes: dict[str, str], who: str) -> None:
    headers = bearing(getattr(tokens, who))
    found = {name: http.get(route, headers=headers).status_code for name, route in routes.items()}
    assert found == EXPECTED[who]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: {},
        lambda token: bearing(token[:-1] + ("0" if token[-1] != "0" else "1")),
        lambda _: bearing("forged"),
        lambda _: bearing("x" * 5000),
        lambda token: {"Authorization": token},
        lambda token: {"Authorization": f"Basic {token}"},
        lambda token: {"Authorization": f"token {token} {token}"},
        lambda token: {"Cookie": f"shixun-grading={token}"},
    ],
    ids=["none", "changed", "forged", "long", "no scheme", "basic", "two", "cookie"],
)
def test_without_a_valid_token_every_route_is_closed(
    http: httpx.Client, tokens: Tokens, routes: dict[str, str], spoil: Callable[[str], dict[str, str]]
) -> None:
    headers = spoil(tokens.administrator)
    assert {http.get(route, headers=headers).status_code for route in routes.values()} == {401}
    body = {"lab": "small-line", "decision": {}}
    answer = http.post("/api/v1/submissions", json=body, headers={**headers, "Idempotency-Key": "k"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"]


def test_a_token_in_the_address_is_no_token(http: httpx.Client, tokens: Tokens, routes: dict[str, str]) -> None:
    assert http.get(routes["outcome"], params={"token": tokens.li}).status_code == 401


@pytest.mark.parametrize(
    ("who", "status"),
    [("li", 202), ("instructor", 202), ("administrator", 202), ("powerless", 403), ("machine", 403)],
)
def test_submitting_needs_its_scope_and_a_person(http: httpx.Client, tokens: Tokens, who: str, status: int) -> None:
    assert submit(http, getattr(tokens, who)).status_code == status


def test_a_scope_to_submit_for_somebody_else_counts_for_nobody(
    http: httpx.Client, hub: HubPeer, service: Service
) -> None:
    token = hub.token("mallory", "custom:grading:submit!user=li", "custom:grading:read!user=mallory")
    assert submit(http, token).status_code == 403
    assert service.submissions.unfinished(["li", "mallory"]) == []


def test_nobody_submits_in_anothers_name(http: httpx.Client, tokens: Tokens) -> None:
    headers = bearing(tokens.wang, **{"Idempotency-Key": "k"})
    body = {"lab": "small-line", "decision": {}, "learner": "li"}
    assert http.post("/api/v1/submissions", json=body, headers=headers).status_code == 422


def test_lists_hold_only_what_may_be_read(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    for learner in ("li", "wang", "zhou"):
        graded(service.database, learner)

    def names(token: str) -> set[str]:
        items = http.get("/api/v1/outcomes", headers=bearing(token)).json()["items"]
        return {item["learner"] for item in items}

    assert names(tokens.li) == {"li"}
    assert names(tokens.instructor) == {"li", "wang"}
    assert names(tokens.administrator) == {"li", "wang", "zhou"}


def test_an_instructor_does_not_read_another_class(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    foreign = graded(service.database, "zhou")
    headers = bearing(tokens.instructor)
    assert http.get(f"/api/v1/outcomes/{foreign.id}", headers=headers).status_code == 404
    assert http.get("/api/v1/outcomes", params={"learner": "zhou"}, headers=headers).status_code == 403


def test_who_leaves_a_class_is_no_longer_read(
    hub: HubPeer, tokens: Tokens, connection: HubConnection, service: Service
) -> None:
    now = [0.0]
    client = Hub(connection, clock=lambda: now[0])
    identity = client.identity(tokens.instructor)
    assert identity is not None
    reader = Reader(identity, client, service.people)
    assert reader.may_read("wang")
    hub.groups["demo-class"].remove("wang")
    now[0] = 31.0
    assert not reader.may_read("wang")
    client.close()


def test_a_revoked_token_is_forgotten_within_half_a_minute(
    hub: HubPeer, tokens: Tokens, connection: HubConnection
) -> None:
    now = [0.0]
    client = Hub(connection, clock=lambda: now[0])
    assert client.identity(tokens.li) is not None
    del hub.users[tokens.li]
    now[0] = 29.0
    assert client.identity(tokens.li) is not None
    assert client.identity(tokens.li, session_id="after logout") is None
    now[0] = 31.0
    assert client.identity(tokens.li) is None
    assert hub.asked.count("/hub/api/user") == 3
    client.close()


def test_a_refused_token_is_asked_about_again(hub: HubPeer, connection: HubConnection) -> None:
    client = Hub(connection)
    assert client.identity("later") is None
    hub.users["later"] = {"kind": "user", "name": "li", "scopes": []}
    assert client.identity("later") is not None
    client.close()


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        ({"custom:grading:submit"}, True),
        ({"custom:grading:submit!user=li"}, True),
        ({"custom:grading:submit!user=lin"}, False),
        ({"custom:grading:submit!group=li"}, False),
        ({"custom:grading:submitter"}, False),
        ({"custom:grading:read"}, False),
        (set(), False),
    ],
)
def test_scopes_to_submit(scopes: set[str], *, may: bool) -> None:
    assert may_submit(Identity("li", True, frozenset(), frozenset(scopes))) is may
