from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import yaml

from grading.assessment import Assessor
from grading.bell import Bell
from grading.errors import RegradeError
from grading.outcomes import Outcomes
from grading.regrades import Regrades
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds
from grading.worker import Worker

from .conftest import SECRET, bearing, graded, judged

if TYPE_CHECKING:
    import httpx

    from grading.database import Database
    from grading.regrades import Regrade
    from grading.service import Service

    from .conftest import Tokens


def previewed(database: Database, points: dict[str, float], **options: bool) -> Regrade:
    """A finished preview, each learner's outcome becoming so many points."""
    store = Regrades(database)
    made = store.add(
        requested_by="chen", lab="small-line", reason="a threshold was wrong", **{"never_lower": True, **options}
    )
    learners = {change.outcome_id: change.learner for change in made.changes}
    while item := store.claim("worker", 60):
        store.preview(item, asdict(judged(points[learners[item.outcome_id]])))
    found = store.get(made.id)
    assert found is not None
    return found


def test_a_regrade_shows_every_change_and_appends_when_it_is_applied(database: Database) -> None:
    before = {name: graded(database, name, 60.0) for name in ("li", "wang", "zhou")}
    preview = previewed(database, {"li": 80.0, "wang": 50.0, "zhou": 60.0})
    assert preview.pending == 0
    assert {c.learner: (c.points_before, c.points_after, c.kept) for c in preview.changes} == {
        "li": (60.0, 80.0, False),
        "wang": (60.0, 50.0, True),
        "zhou": (60.0, 60.0, True),
    }
    outcomes = Outcomes(database)
    assert outcomes.page(learners=None).total == 3
    assert Regrades(database).apply(preview.id, "chen") == 1
    after = outcomes.of_submission(before["li"].submission_id)
    assert after is not None
    assert (after.points, after.seq, after.supersedes, after.reason) == (
        80.0,
        2,
        before["li"].id,
        "a threshold was wrong",
    )
    assert outcomes.get(before["li"].id) == before["li"]
    assert outcomes.successor(before["li"].id) == after
    assert outcomes.verify() is None


def test_without_the_option_points_may_fall(database: Database) -> None:
    graded(database, points=60.0)
    assert Regrades(database).apply(previewed(database, {"li": 50.0}, never_lower=False).id, "chen") == 1
    assert [outcome.points for outcome in Outcomes(database).of_learners(["li"])] == [50.0, 60.0]


def test_only_a_finished_preview_is_applied_and_only_once(database: Database) -> None:
    graded(database)
    store = Regrades(database)
    made = store.add(requested_by="chen", lab="small-line", reason="why", never_lower=True)
    with pytest.raises(RegradeError, match="1 outcomes pending"):
        store.apply(made.id, "chen")
    item = store.claim("worker", 60)
    assert item is not None
    assert store.claim("other", 60) is None
    store.preview(item, asdict(judged(90.0)))
    assert store.apply(made.id, "chen") == 1
    with pytest.raises(RegradeError, match="applied"):
        store.apply(made.id, "chen")


def test_two_previews_of_one_outcome_cannot_both_be_applied(database: Database) -> None:
    graded(database, points=60.0)
    first, second = (previewed(database, {"li": points}) for points in (70.0, 80.0))
    store = Regrades(database)
    assert store.apply(first.id, "chen") == 1
    with pytest.raises(RegradeError, match="superseded"):
        store.apply(second.id, "chen")
    assert [outcome.points for outcome in Outcomes(database).of_learners(["li"])] == [70.0, 60.0]
    # The failed application left no trace; a new preview starts from the standing outcome.
    assert store.apply(previewed(database, {"li": 80.0}).id, "chen") == 1
    assert Outcomes(database).verify() is None


def test_nothing_to_regrade_is_said(database: Database) -> None:
    with pytest.raises(RegradeError, match="lab = small-line"):
        Regrades(database).add(requested_by="chen", lab="small-line", reason="why", never_lower=True)


def test_the_whole_way_with_a_worker_and_a_mended_rubric(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    seeds = HeldOutSeeds(bytes.fromhex(SECRET))
    sandbox = Sandbox(service.settings.catalog, seeds)
    worker = Worker(
        service.database, sandbox, Assessor(service.settings.catalog, seeds), Bell(None), lease_s=60, timeout_s=60
    )
    before = graded(service.database, points=1.0)
    rubric = service.settings.catalog / "small-line" / "rubric.yaml"
    data = yaml.safe_load(rubric.read_text())
    data["criteria"][0].update(pass_at=1, full_at=2)
    rubric.write_text(yaml.safe_dump(data))
    body = {"lab": "small-line", "class_name": "demo-class", "reason": "mended"}
    assert http.post("/api/v1/regrades", json=body, headers=bearing(tokens.li)).status_code == 403
    other = {**body, "class_name": "other-class"}
    assert http.post("/api/v1/regrades", json=other, headers=bearing(tokens.instructor)).status_code == 403
    made = http.post("/api/v1/regrades", json=body, headers=bearing(tokens.instructor)).json()
    path = f"/api/v1/regrades/{made['id']}"
    assert http.post(f"{path}/apply", headers=bearing(tokens.instructor)).status_code == 409
    try:
        while worker.spare.step(worker.name):
            pass
    finally:
        sandbox.kill()
    preview = http.get(path, headers=bearing(tokens.instructor)).json()
    assert [(c["points_before"], c["points_after"]) for c in preview["changes"]] == [(1.0, 100.0)]
    assert http.get(path, headers=bearing(tokens.zhou)).status_code == 403
    applied = http.post(f"{path}/apply", headers=bearing(tokens.instructor)).json()
    assert applied["state"] == "applied"
    new = UUID(applied["changes"][0]["new_outcome_id"])
    shown = http.get(f"/api/v1/outcomes/{before.id}", headers=bearing(tokens.li)).json()
    assert shown["superseded_by"] == str(new)
    found = service.outcomes.get(new)
    assert found is not None
    assert (found.points, found.regraded_by) == (100.0, "chen")
