from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grading.assessment import Assessor
from grading.chain import canonical
from grading.errors import AssessmentError
from grading.hints import find, neighbours
from grading.sampling import planned
from grading.seeds import HeldOutSeeds
from grading.studies import Studies, keep
from labs import Catalog

from .conftest import RUBRIC

if TYPE_CHECKING:
    from pathlib import Path

    from grading.database import Database

SEEDS = HeldOutSeeds(bytes(32))


@pytest.fixture
def assessor(catalog: Path) -> Assessor:
    return Assessor(catalog, SEEDS)


def sampled(catalog: Path, tolerance: float | None, cap: int = 64) -> Assessor:
    lab, rubric = catalog / "small-line" / "lab.yaml", catalog / "small-line" / "rubric.yaml"
    lab.write_text(yaml.safe_dump({**yaml.safe_load(lab.read_text()), "tolerance_points": tolerance}))
    rubric.write_text(yaml.safe_dump({**RUBRIC, "maximum_replications": cap}))
    return Assessor(catalog, SEEDS)


def test_replications_grow_until_the_points_are_sure_enough(catalog: Path) -> None:
    loose = sampled(catalog, None).assess("small-line", {"second_weld": 1})[0]
    sure = sampled(catalog, 4.0).assess("small-line", {"second_weld": 1})[0]
    assert loose.replications == 4
    assert loose.half_width_95 is not None
    assert loose.half_width_95 > 4
    assert 4 < sure.replications < 64
    assert sure.half_width_95 is not None
    assert sure.half_width_95 <= 4


def test_the_cap_ends_it(catalog: Path) -> None:
    capped = sampled(catalog, 0.001, cap=10).assess("small-line", {})[0]
    assert capped.replications == 10


def test_what_is_known_changes_not_a_byte(catalog: Path) -> None:
    assessor = sampled(catalog, 4.0)
    decision = {"second_weld": 1}
    fresh, study = assessor.assess("small-line", decision)
    much = sampled(catalog, 1.0).assess("small-line", decision)[1]
    little = sampled(catalog, None).assess("small-line", decision)[1]
    assert little.replications < study.replications < much.replications
    again = sampled(catalog, 4.0)
    for known in (little, study, much):
        # Another tolerance is another lab: only this test may mix their studies, which have the same scenario but
        # not the same seed.
        assert again.assess("small-line", decision, known)[1].replications >= fresh.replications
    assert canonical(asdict(again.assess("small-line", decision, study)[0])) == canonical(asdict(fresh))


@given(half=st.floats(0.01, 1e6), tolerance=st.floats(0.01, 1e6), now=st.integers(2, 300))
def test_every_stage_grows_within_the_cap(half: float, tolerance: float, now: int) -> None:
    rubric = Catalog().rubric("pcb-bottleneck")
    following = planned(rubric, half, tolerance, now)
    assert now < following <= rubric.cap


def test_a_study_comes_back_bit_for_bit_and_the_longer_one_stays(database: Database, assessor: Assessor) -> None:
    study = assessor.assess("small-line", {})[1]
    key = assessor.key("small-line", {})
    short = type(study)(study.seed, study.engine, study.names, study.units, study.values[:2])
    store = Studies(database)
    for one in (short, study, short):
        with database.writing() as connection:
            keep(connection, {key: ("d" * 64, one)})
    found = store.find([key, "0" * 64])[key]
    assert found.values.tobytes() == study.values.tobytes()
    assert (found.names, found.units, found.engine) == (study.names, study.units, study.engine)
    assert store.forget_all_but(["e" * 64]) == 1
    assert store.find([key]) == {}


def test_a_key_follows_whatever_the_figures_depend_on(catalog: Path, assessor: Assessor) -> None:
    key = assessor.key("small-line", {"second_weld": 1})
    assert assessor.key("small-line", {"second_weld": 0}) == assessor.key("small-line", {}) != key
    assert Assessor(catalog, HeldOutSeeds(bytes(31) + b"1")).key("small-line", {"second_weld": 1}) != key
    lab = catalog / "small-line" / "lab.yaml"
    lab.write_text(lab.read_text() + "\n")
    assert assessor.key("small-line", {"second_weld": 1}) != key


def test_a_hint_names_the_change_that_earns_most(assessor: Assessor) -> None:
    hint = find(assessor, "small-line", {})
    assert (hint["lever"], hint["change"]) == ("second_weld", 1)
    more = assessor.assess("small-line", {"second_weld": 1})[0].points - assessor.assess("small-line", {})[0].points
    assert hint["gain"] == pytest.approx(more)
    lab = assessor.bench("small-line").lab
    # Three welders would cost 12 of 10.
    assert [changed for *_, changed in neighbours(lab, {"second_weld": 2})] == [{"second_weld": 1}]


def test_a_lab_that_is_gone_is_final(assessor: Assessor) -> None:
    with pytest.raises(AssessmentError) as caught:
        assessor.assess("gone", {})
    assert caught.value.final
