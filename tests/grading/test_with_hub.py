"""The service as a real JupyterHub runs it: logins, scopes and tokens are the hub's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import PREFIX, bearing, until

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.slow

API = f"{PREFIX}/api/v1"
DECISION = {"maintenance_placement": 3, "buffer_odd_form": 2}


@pytest.fixture(scope="module")
def base(training_base: Any) -> Any:
    return training_base("process")


def new_token(client: httpx.Client, name: str, scopes: list[str] | None = None) -> dict[str, str]:
    """Ask the hub for a token of the person who is logged in, as her token page does."""
    body = {"note": "test", **({"scopes": scopes} if scopes is not None else {})}
    answer = client.post(f"/hub/api/users/{name}/tokens", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_the_thread_through_a_real_hub(base: Any) -> None:
    learner = base.account("student").name
    with base.browse("student") as student:
        page = student.get(f"{PREFIX}/")
        assert page.status_code == 200
        assert page.url.path == f"{PREFIX}/"
        assert "user-redirect/lab/tree/labs/pcb-bottleneck/zh-pcb-bottleneck.ipynb" in page.text
        token = new_token(student, learner)["token"]
        headers = bearing(token, **{"Idempotency-Key": "through-the-hub"})
        sent = student.post(f"{API}/submissions", json={"lab": "pcb-bottleneck", "decision": DECISION}, headers=headers)
        assert sent.status_code == 202, sent.text
        where = sent.headers["location"]
        graded = until(
            lambda: (found := student.get(where, headers=bearing(token)).json()).get("state") == "graded" and found,
            120,
            0.5,
        )
        outcome = f"{PREFIX}/outcomes/{graded['outcome_id']}"
        assert outcome in student.get(f"{PREFIX}/account").text
        assert student.get(outcome).status_code == 200
        assert student.get(f"{PREFIX}/class").status_code == 403
        assert student.get(f"{PREFIX}/account", params={"learner": "nobody"}).status_code == 403

    for role in ("instructor", "school-administrator", "platform-administrator"):
        with base.browse(role) as staff:
            assert staff.get(outcome).status_code == 200, role
            assert learner in staff.get(f"{PREFIX}/class").text
            own = new_token(staff, base.account(role).name)["token"]
            items = staff.get(f"{API}/outcomes", headers=bearing(own)).json()["items"]
            assert [item["learner"] for item in items] == [learner]


def test_tokens_are_the_hubs_to_give_and_to_take(base: Any) -> None:
    learner = base.account("student").name
    with base.browse("student") as student, base.browse() as stranger:
        whole = new_token(student, learner)
        powerless = new_token(student, learner, ["access:services!service=grading"])
        assert stranger.get(f"{API}/outcomes", headers=bearing(whole["token"])).status_code == 200
        assert stranger.get(f"{API}/outcomes", headers=bearing(powerless["token"])).status_code == 403
        body = {"lab": "pcb-bottleneck", "decision": {}}
        refused = stranger.post(
            f"{API}/submissions", json=body, headers=bearing(powerless["token"], **{"Idempotency-Key": "k"})
        )
        assert refused.status_code == 403
        assert stranger.get(f"{API}/outcomes", headers=bearing("f" * 32)).status_code == 401
        taken = new_token(student, learner)
        assert student.delete(f"/hub/api/users/{learner}/tokens/{taken['id']}").status_code == 204
        assert stranger.get(f"{API}/outcomes", headers=bearing(taken["token"])).status_code == 401


def test_logging_out_of_the_hub_closes_the_pages(base: Any) -> None:
    with base.browse("student") as student:
        assert student.get(f"{PREFIX}/account").url.path == f"{PREFIX}/account"
        student.get("/hub/logout")
        assert student.get(f"{PREFIX}/account").url.path == "/hub/login"
