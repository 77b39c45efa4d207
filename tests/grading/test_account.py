from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grading.account import Standing, class_rows, lab_cards
from grading.database import Database
from grading.leases import Leases
from grading.outcomes import Outcomes
from grading.regrades import Regrades
from grading.submissions import Submissions
from labs import Catalog

from .conftest import graded, stored
from .test_regrades import previewed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'account.sqlite3'}")
    made.upgrade()
    yield made
    made.close()


def standing(store: Database, learner: str = "li") -> Standing:
    return Standing.of(Outcomes(store).of_learners([learner]), Submissions(store).unfinished([learner]))


def test_a_standing_follows_the_submissions(store: Database) -> None:
    assert standing(store).state == "untried"
    stored(store, key="first")
    assert standing(store).state == "waiting"
    claim = Leases(store).claim("worker", 60)
    assert claim is not None
    assert standing(store).state == "waiting"
    Leases(store).fail(claim, "it crashed", final=True)
    assert standing(store).state == "failed"
    graded(store, points=50)
    assert standing(store).state == "scored"
    stored(store, key="second")
    assert standing(store).state == "waiting"


def test_best_and_latest_are_told_apart(store: Database) -> None:
    for points in (40, 90, 70):
        graded(store, points=points)
    found = standing(store)
    assert found.best is not None
    assert found.latest is not None
    assert (found.best.points, found.latest.points) == (90, 70)


def test_a_class_has_a_row_for_each_member_and_a_standing_for_each_lab(store: Database, catalog: Path) -> None:
    graded(store, "li", points=80)
    graded(store, "wang", lab="endless-line", points=30)
    labs = [Catalog(catalog).lab(slug) for slug in ("endless-line", "small-line")]
    members = ["li", "wang", "zhou"]
    rows = class_rows(members, labs, Outcomes(store).of_learners(members), Submissions(store).unfinished(members))
    assert [row.learner for row in rows] == members
    found = [[s.best.points if s.best else None for s in row.standings] for row in rows]
    assert found == [[None, 80], [30, None], [None, None]]
    cards = lab_cards(labs, Outcomes(store).of_learners(["li"]), [])
    assert [(card.lab.slug, card.standing.state) for card in cards] == [
        ("endless-line", "untried"),
        ("small-line", "scored"),
    ]


def test_what_a_regrade_superseded_stands_no_more(store: Database) -> None:
    graded(store, points=90)
    Regrades(store).apply(previewed(store, {"li": 50.0}, never_lower=False).id, "chen")
    found = standing(store)
    assert found.best is not None
    assert found.best.points == 50
