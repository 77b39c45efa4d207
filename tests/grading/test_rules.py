from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from grading.errors import NotAdmittedError, TooManyWaitingError
from grading.rules import Rule, Rules
from grading.submissions import Submissions
from labs import Catalog

from .conftest import DIGEST, bearing, submit

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from grading.database import Database
    from grading.submissions import Submission

    from .conftest import Tokens

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def add(database: Database, key: str, rule: Rule, limit: int | None = None) -> Submission:
    return Submissions(database).add(
        learner="li",
        lab="small-line",
        lab_version="1.0.0",
        lab_digest=DIGEST,
        decision={},
        key=key,
        rule=rule,
        waiting_limit=limit,
    )


@pytest.mark.parametrize(
    ("rule", "used", "kind"),
    [
        (Rule(opens_at=NOW + timedelta(seconds=1)), 0, "not-open"),
        (Rule(closes_at=NOW - timedelta(seconds=1)), 0, "closed"),
        (Rule(attempts=2), 2, "attempts-used"),
    ],
)
def test_what_a_rule_does_not_allow_is_refused(rule: Rule, used: int, kind: str) -> None:
    with pytest.raises(NotAdmittedError) as caught:
        rule.admit(NOW, used)
    assert caught.value.kind == kind


def test_the_last_moment_is_not_late() -> None:
    rule = Rule(opens_at=NOW, due_at=NOW, closes_at=NOW, attempts=1, deduction_per_day=1)
    assert rule.admit(NOW, 0) == 1.0


def test_attempts_are_counted_even_when_they_come_at_the_same_moment(database: Database) -> None:
    def attempt(number: int) -> bool:
        try:
            add(database, f"key-{number}", Rule(attempts=3))
        except NotAdmittedError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(attempt, range(12))) == 3
    assert Submissions(database).used("li", "small-line") == 3
    # A repetition of an accepted one is no further attempt.
    accepted = Submissions(database).unfinished(["li"])[0]
    assert add(database, accepted.idempotency_key, Rule(attempts=3)).id == accepted.id


def test_a_learner_cannot_fill_the_queue(database: Database) -> None:
    for number in range(2):
        add(database, f"key-{number}", Rule(), limit=2)
    with pytest.raises(TooManyWaitingError):
        add(database, "key-2", Rule(), limit=2)


def test_a_late_submission_keeps_its_factor(database: Database) -> None:
    late = add(database, "late", Rule(due_at=datetime.now(UTC) - timedelta(hours=1), deduction_per_day=0.25))
    found = Submissions(database).get(late.id)
    assert found is not None
    assert found.late_factor == 0.75


def test_the_rule_of_the_class_that_is_open_longest_holds(database: Database, catalog: Path) -> None:
    lab, store = Catalog(catalog).lab("small-line"), Rules(database)
    assert store.of_learner(["a", "b"], lab) == Rule()
    strict, mild = Rule(attempts=1, closes_at=NOW, class_name="a"), Rule(attempts=1, counts="last", class_name="b")
    store.put("a", lab.slug, strict, "chen")
    store.put("b", lab.slug, mild, "chen")
    assert store.of_learner(["a", "b"], lab) == mild
    assert store.of_learner(["a", "c"], lab) == strict
    store.remove("a", lab.slug)
    assert store.of_class("a", lab) == Rule()


def test_an_instructor_sets_the_rule_of_her_class_and_of_no_other(http: httpx.Client, tokens: Tokens) -> None:
    path, body = "/api/v1/classes/demo-class/rules/small-line", {"attempts": 1, "counts": "last"}
    assert http.put(path, json=body, headers=bearing(tokens.li)).status_code == 403
    assert http.put(path.replace("demo", "other"), json=body, headers=bearing(tokens.instructor)).status_code == 403
    assert http.put(path, json=body, headers=bearing(tokens.instructor)).json()["attempts"] == 1
    assert submit(http, tokens.li, key="1").status_code == 202
    refused = submit(http, tokens.li, key="2")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:shixun:problem:attempts-used"
    assert submit(http, tokens.zhou, key="1").status_code == 202
    assert submit(http, tokens.zhou, key="2").status_code == 202
    assert http.delete(path, headers=bearing(tokens.instructor)).status_code == 204
    assert submit(http, tokens.li, key="2").status_code == 202
    acts = http.get("/api/v1/audit", headers=bearing(tokens.instructor)).json()["items"]
    assert [act["act"] for act in acts] == ["rule.remove", "rule.set"]


def test_times_must_be_in_order_and_carry_a_zone(http: httpx.Client, tokens: Tokens) -> None:
    path = "/api/v1/classes/demo-class/rules/small-line"
    for body in (
        {"due_at": "2026-06-01T12:00:00"},
        {"opens_at": "2026-06-02T00:00:00Z", "due_at": "2026-06-01T00:00:00Z"},
    ):
        assert http.put(path, json=body, headers=bearing(tokens.instructor)).status_code == 422
