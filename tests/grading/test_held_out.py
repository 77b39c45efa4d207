"""Data that a rubric holds out: graders simulate with it, students never see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from grading.archive import Archive
from grading.assessment import Assessor
from grading.seeds import HeldOutSeeds

from .conftest import RUBRIC, SCENARIO

if TYPE_CHECKING:
    from pathlib import Path

    from grading.database import Database

SEEDS = HeldOutSeeds(bytes(32))


@pytest.fixture
def measured(catalog: Path) -> Path:
    """Give a catalogue whose lab has times for students, and longer ones for graders."""
    folder = catalog / "small-line"
    cut, *others = SCENARIO["stations"]  # type: ignore[misc]
    service = {"kind": "empirical", "file": "given.csv", "column": "seconds"}
    scenario = {**SCENARIO, "stations": [{**cut, "service": service}, *others]}
    (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario))
    (folder / "given.csv").write_text("seconds\n29\n31\n")
    (folder / "held-out.csv").write_text("seconds\n58\n62\n")
    (folder / "rubric.yaml").write_text(yaml.safe_dump({**RUBRIC, "held_out": {"given.csv": "held-out.csv"}}))
    return catalog


def test_graders_simulate_with_what_is_held_out(measured: Path) -> None:
    with_it, _ = Assessor(measured, SEEDS).assess("small-line", {})
    (measured / "small-line" / "rubric.yaml").write_text(yaml.safe_dump(RUBRIC))
    without, _ = Assessor(measured, SEEDS).assess("small-line", {})
    assert with_it.lab_digest == without.lab_digest
    a_minute_each, half_a_minute_each = (one.estimates["throughput_per_h"]["mean"] for one in (with_it, without))
    assert a_minute_each < 60 < half_a_minute_each


def test_other_data_is_another_study_and_is_noticed_at_once(measured: Path) -> None:
    assessor = Assessor(measured, SEEDS)
    before, key = assessor.assess("small-line", {})[0], assessor.key("small-line", {})
    (measured / "small-line" / "held-out.csv").write_text("seconds\n88\n92\n")
    after = assessor.assess("small-line", {})[0]
    assert after.estimates["throughput_per_h"]["mean"] < before.estimates["throughput_per_h"]["mean"]
    assert after.lab_digest == before.lab_digest
    assert after.rubric_digest != before.rubric_digest
    assert assessor.key("small-line", {}) != key
    assert len(after.engine_version) <= 40


def test_it_is_archived_with_the_lab(measured: Path, database: Database) -> None:
    assessor = Assessor(measured, SEEDS)
    found, _ = assessor.assess("small-line", {})
    archive = Archive(database)
    archive.keep(assessor, "small-line")
    (measured / "small-line" / "held-out.csv").write_text("seconds\n88\n92\n")
    with archive.unpacked(found.lab_digest, found.rubric_digest) as root:
        assert root is not None
        assert Assessor(root, SEEDS).assess("small-line", {})[0] == found
