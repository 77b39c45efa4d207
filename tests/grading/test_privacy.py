from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from grading.outcomes import Outcomes
from grading.people import Enrolment, People, School
from grading.privacy import ErasureError, erase, personal_data
from grading.submissions import Submissions
from grading.tables import metadata

from .conftest import bearing, graded, stored

if TYPE_CHECKING:
    import httpx

    from grading.database import Database
    from grading.service import Service

    from .conftest import Tokens


def test_erasing_leaves_no_trace_of_the_name_and_the_chain_holds(database: Database) -> None:
    People(database).put_school(School("north", "北"))
    People(database).enrol("north", [Enrolment("one", "li-secret", "1", "李明")])
    mine = [graded(database, "li-secret") for _ in range(2)]
    graded(database, "wang")
    (account,) = erase(database, "li-secret")
    store = Outcomes(database)
    assert store.breaks() == []
    assert store.page(learners=["li-secret"]).total == 0
    kept = store.of_learners([f"erased-{account}"])
    assert [(o.id, o.points, o.hash) for o in kept] == [(o.id, o.points, o.hash) for o in reversed(mine)]
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            assert "li-secret" not in str(connection.execute(sa.select(table)).all())
    # Somebody who comes back under the name begins a new account.
    again = graded(database, "li-secret")
    assert (again.seq, again.account != account) == (1, True)
    assert store.breaks() == []


def test_what_waits_must_be_graded_first(database: Database) -> None:
    stored(database)
    with pytest.raises(ErasureError, match="1 submissions wait"):
        erase(database, "li")


def test_nothing_but_an_erasure_may_change_a_name(database: Database) -> None:
    graded(database)
    for statement in (
        "UPDATE outcomes SET learner = 'wang'",
        "UPDATE outcomes SET learner = 'erased-' || account, points = 100",
    ):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.writing() as connection:
            connection.execute(sa.text(statement))


def test_personal_data_is_everything_under_the_name(database: Database) -> None:
    outcome = graded(database)
    graded(database, "wang")
    found = personal_data(database, "li")
    assert [row["id"] for row in found["outcomes"]] == [outcome.id]
    assert [row["id"] for row in found["submissions"]] == [outcome.submission_id]
    assert Submissions(database).get(outcome.submission_id) is not None


def test_a_learner_takes_her_data_and_only_the_platform_erases(
    http: httpx.Client, tokens: Tokens, service: Service
) -> None:
    graded(service.database)
    mine = http.get("/api/v1/learners/li/data", headers=bearing(tokens.li))
    assert len(json.loads(mine.text)["outcomes"]) == 1
    assert http.get("/api/v1/learners/li/data", headers=bearing(tokens.instructor)).status_code == 403
    assert http.delete("/api/v1/learners/li/data", headers=bearing(tokens.li)).status_code == 403
    assert http.delete("/api/v1/learners/li/data", headers=bearing(tokens.instructor)).status_code == 403
    assert http.delete("/api/v1/learners/li/data", headers=bearing(tokens.administrator)).status_code == 200
    assert http.get("/api/v1/learners/li/data", headers=bearing(tokens.li)).json()["outcomes"] == []
    assert "li" not in [entry.target for entry in service.audit.page()]
