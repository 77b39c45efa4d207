"""Every route of the API, asked by every role of another school."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grading.people import Enrolment, School

from .conftest import bearing, graded, scopes_of, stored

if TYPE_CHECKING:
    import httpx

    from grading.service import Service

    from .conftest import HubPeer

ROLES = {
    "student": lambda name: scopes_of(name),
    "assistant": lambda name: (*scopes_of(name), "custom:grading:read!group=south-1"),
    "instructor": lambda name: (
        *scopes_of(name),
        "custom:grading:read!group=south-1",
        "custom:grading:manage!group=south-1",
    ),
    "school-administrator": lambda name: ("custom:grading:read!group=south", "custom:grading:manage!group=south"),
}
FREE = {"/api/v1/labs", "/api/v1/labs/{slug}"}  # the catalogue is everybody's
OWN = {"/api/v1/outcomes", "/api/v1/schools", "/api/v1/audit", "/api/v1/submissions"}  # lists what is one's own


@pytest.fixture
def school(service: Service, hub: HubPeer) -> dict[str, str]:
    """Two schools; gives what stands in the places of the routes: all of the northern school."""
    for name in ("north", "south"):
        service.people.put_school(School(name, name))
        service.people.enrol(name, [Enrolment(f"{name}-1", f"{name}-7", "7", "李明")])
    hub.groups.update({"north-1": ["north-7"], "south-1": ["south-7"], "north": ["north-7"], "south": ["south-7"]})
    outcome = graded(service.database, "north-7")
    waiting = stored(service.database, "north-7", key="waits")
    regrade = service.regrades.add(
        requested_by="chen",
        lab="small-line",
        reason="why",
        never_lower=True,
        class_name="north-1",
        learners=["north-7"],
    )
    return {
        "{submission_id}": str(waiting.id),
        "{outcome_id}": str(outcome.id),
        "{regrade_id}": str(regrade.id),
        "{class_name}": "north-1",
        "{school}": "north",
        "{learner}": "north-7",
        "{lab}": "small-line",
        "{slug}": "small-line",
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_route_is_closed_to_every_role_of_another_school(
    role: str, http: httpx.Client, hub: HubPeer, school: dict[str, str]
) -> None:
    headers = bearing(hub.token(f"south-{role}", *ROLES[role](f"south-{role}")))
    bodies = {
        "/api/v1/regrades": {"lab": "small-line", "class_name": "north-1", "reason": "why"},
        "/api/v1/schools/{school}": {"title": "ours"},
        "/api/v1/classes/{class_name}/rules/{lab}": {},
    }
    asked = 0
    for path, operations in http.get("/api/v1/openapi.json").json()["paths"].items():
        if not path.startswith("/api/v1/") or path in FREE:
            continue
        filled = path
        for place, value in school.items():
            filled = filled.replace(place, value)
        for method in operations:
            if path in OWN and method in {"get", "post"}:
                continue
            answer = http.request(method, filled, headers=headers, json=bodies.get(path))
            assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
            asked += 1
    assert asked >= 15


@pytest.mark.parametrize("role", ROLES)
def test_lists_hold_nothing_of_another_school(
    role: str, http: httpx.Client, hub: HubPeer, school: dict[str, str]
) -> None:
    headers = bearing(hub.token(f"south-{role}", *ROLES[role](f"south-{role}")))
    for path in ("/api/v1/outcomes", "/api/v1/schools", "/api/v1/audit"):
        assert "north" not in http.get(path, headers=headers).text
    single = {"lab": "small-line", "outcome_id": school["{outcome_id}"], "reason": "why"}
    assert http.post("/api/v1/regrades", json=single, headers=headers).status_code in {403, 404}
    assert http.get("/api/v1/outcomes?learner=north-7", headers=headers).status_code == 403


def test_an_assistant_sees_her_own_class_and_changes_nothing(
    http: httpx.Client, hub: HubPeer, school: dict[str, str]
) -> None:
    headers = bearing(hub.token("north-assistant", "custom:grading:read!group=north-1"))
    assert http.get("/api/v1/transcripts/north-7", headers=headers).status_code == 200
    assert http.get("/api/v1/classes/north-1/rules/small-line", headers=headers).status_code == 200
    assert http.put("/api/v1/classes/north-1/rules/small-line", json={}, headers=headers).status_code == 403
    assert http.get("/api/v1/schools/north/roster", headers=headers).status_code == 403


def test_a_school_administrator_manages_every_class_of_her_school(
    http: httpx.Client, hub: HubPeer, school: dict[str, str]
) -> None:
    headers = bearing(hub.token("north-office", "custom:grading:read!group=north", "custom:grading:manage!group=north"))
    assert http.get("/api/v1/classes/north-1/transcripts", headers=headers).status_code == 200
    assert http.put("/api/v1/classes/north-1/rules/small-line", json={}, headers=headers).status_code == 200
    assert http.get("/api/v1/schools/north/roster", headers=headers).json()["items"][0]["learner"] == "north-7"
