from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from grading.assessment import Assessor
from grading.bell import Bell
from grading.outcomes import Outcomes
from grading.recomputation import RecomputationError, recompute
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds
from grading.worker import Worker

from .conftest import stored
from .test_outcomes import without_guard

if TYPE_CHECKING:
    from pathlib import Path

    from grading.database import Database
    from grading.outcomes import Outcome

SEEDS = HeldOutSeeds(bytes(32))


@pytest.fixture
def outcome(database: Database, catalog: Path) -> Outcome:
    sandbox = Sandbox(catalog, SEEDS)
    stored(database)
    Worker(database, sandbox, Assessor(catalog, SEEDS), Bell(None), lease_s=60, timeout_s=60).step()
    sandbox.kill()
    (made,) = Outcomes(database).of_learners(["li"])
    return made


def test_an_outcome_gives_the_same_bytes_long_after_the_lab_has_changed(
    database: Database, catalog: Path, outcome: Outcome
) -> None:
    rubric = catalog / "small-line" / "rubric.yaml"
    rubric.write_text(yaml.safe_dump({**yaml.safe_load(rubric.read_text()), "replications": 3}))
    found = recompute(database, SEEDS, outcome)
    assert found.same
    assert found.hash_holds
    assert found.engine_recorded == found.engine_now


def test_a_changed_row_does_not_give_the_same_bytes(database: Database, outcome: Outcome) -> None:
    without_guard(database, "UPDATE outcomes SET points = 99")
    changed = Outcomes(database).get(outcome.id)
    assert changed is not None
    found = recompute(database, SEEDS, changed)
    assert not found.same
    assert not found.hash_holds


def test_another_secret_is_named(database: Database, outcome: Outcome) -> None:
    with pytest.raises(RecomputationError, match="seed_commitment"):
        recompute(database, HeldOutSeeds(bytes(31) + b"1"), outcome)
