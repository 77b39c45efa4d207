from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from labs import CATALOG, Catalog, UnknownLabError, score
from labs.bundle import build
from labs.policy_source import functions_of
from simulators import DocumentError, replicate

if TYPE_CHECKING:
    from pathlib import Path

SLUGS = list(Catalog())


def test_the_catalogue_ships_the_bottleneck_lab() -> None:
    assert "pcb-bottleneck" in SLUGS


@pytest.mark.parametrize("slug", ["no-such-lab", "../labs", "", ".", "/etc"])
def test_unknown_lab_is_named(slug: str) -> None:
    with pytest.raises(UnknownLabError, match=r"is not in the catalogue; it holds: .*pcb-bottleneck"):
        Catalog().lab(slug)


@pytest.mark.parametrize("slug", SLUGS)
class TestShippedLab:
    def test_highlights_and_criteria_name_measured_kpis(self, slug: str) -> None:
        lab, rubric = Catalog().lab(slug), Catalog().rubric(slug)
        study = replicate(lab.scenario, replications=2, seed=1)
        assert set(lab.file.highlights) <= set(study.names)
        assert {criterion.kpi for criterion in rubric.criteria} <= set(study.names)

    def test_doing_nothing_fails_and_the_solution_shines(self, slug: str) -> None:
        lab, rubric = Catalog().lab(slug), Catalog().rubric(slug)
        solution = yaml.safe_load((CATALOG / slug / "solution.yaml").read_text(encoding="utf-8"))["decision"]
        for seed in (11, 12):
            nothing, best = (
                score(rubric, replicate(lab.scenario_for(decision), replications=rubric.replications, seed=seed))
                for decision in ({}, solution)
            )
            assert nothing.points < 0.6 * nothing.maximum
            assert best.points > 0.9 * best.maximum


def test_a_good_policy_shines_and_a_naive_one_fails() -> None:
    lab, rubric = Catalog().lab("batch-scheduling"), Catalog().rubric("batch-scheduling").for_policies()
    solution = yaml.safe_load((CATALOG / lab.slug / "solution.yaml").read_text(encoding="utf-8"))["policy"]
    scenario = lab.scenario_for(solution["decision"])
    best, naive = (
        score(rubric, replicate(scenario, replications=5, seed=11, policies=functions_of(solution[name], lab)))
        for name in ("source", "naive")
    )
    assert best.points > 0.9 * best.maximum
    assert naive.points < 0.6 * naive.maximum


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_starter_stands_in_the_notebook(language: str) -> None:
    lab = Catalog().lab("batch-scheduling")
    text = (CATALOG / lab.slug / f"notebook.{language}.md").read_text(encoding="utf-8")
    for slot in lab.policies:
        assert slot.starter is not None
        assert slot.starter.in_language(language).strip() in text


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    shutil.copytree(CATALOG / "pcb-bottleneck", tmp_path / "lab")
    return Catalog(tmp_path)


def change(catalog: Catalog, file: str, before: str, after: str) -> None:
    path = catalog.root / "lab" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("stations.placement.buffer_places", "stations.packing.buffer_places", "leads nowhere at 'packing'"),
        ("stations.placement.buffer_places", "stations.placement.name", "is 'placement', not a number"),
        ("name: buffer_odd_form", "name: buffer_placement", "two levers"),
        ("amount: 0.7", "amount: -0.7", "at its maximum the scenario is not valid"),
        ("version: 1.0.0", "version: one", "version = 'one'"),
        ("limit: 60", "limit: 0", "budget.limit = 0"),
        ("hours_h: 2", "hours: 2", "hours_h: is missing"),
    ],
)
def test_a_malformed_lab_is_not_offered(catalog: Catalog, before: str, after: str, words: str) -> None:
    change(catalog, "lab.yaml", before, after)
    with pytest.raises(DocumentError) as caught:
        catalog.lab("lab")
    assert words in str(caught.value)
    assert "lab.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("full_at: 157.5", "full_at: 149", "full_at = 149 must be > pass_at = 150"),
        ("direction: lower", "direction: sideways", "direction = 'sideways'"),
        ("replications: 20", "replications: 1", "replications = 1"),
    ],
)
def test_a_malformed_rubric_is_refused(catalog: Catalog, before: str, after: str, words: str) -> None:
    change(catalog, "rubric.yaml", before, after)
    with pytest.raises(DocumentError) as caught:
        catalog.rubric("lab")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        (
            "policies: [{point: brew, label: {zh: 测, en: m}}]",
            "policies.0.point = brew: must be one of: dispatch, release",
        ),
        (
            "policies: [{point: release, label: {zh: 测, en: m}, starter: {zh: x = 1, en: x = 1}}]",
            "Missing: def release",
        ),
        ("policy_limits: {total_s: 600}", "policy_limits.total_s = 600"),
    ],
)
def test_a_malformed_policy_slot_is_refused(catalog: Catalog, addition: str, words: str) -> None:
    change(catalog, "lab.yaml", "highlights:", f"{addition}\nhighlights:")
    with pytest.raises(DocumentError) as caught:
        catalog.lab("lab")
    assert words in str(caught.value)


@pytest.fixture
def measured(catalog: Catalog) -> Catalog:
    """Give a lab whose scenario names a data file."""
    (catalog.root / "lab" / "data").mkdir()
    (catalog.root / "lab" / "data" / "reflow.csv").write_text("seconds\n19\n21\n", encoding="utf-8")
    named = "{kind: empirical, file: data/reflow.csv, column: seconds}"
    change(catalog, "scenario.yaml", "{kind: deterministic, value_s: 20}", named)
    return catalog


def test_data_that_a_scenario_names_belongs_to_the_lab(measured: Catalog, tmp_path: Path) -> None:
    before = measured.lab("lab").digest
    build(tmp_path / "bundle", measured)
    assert Catalog(tmp_path / "bundle").lab("lab").scenario == measured.lab("lab").scenario
    (measured.root / "lab" / "data" / "reflow.csv").write_text("seconds\n19\n22\n", encoding="utf-8")
    assert measured.lab("lab").digest != before


def test_data_outside_of_the_lab_is_refused(measured: Catalog) -> None:
    change(measured, "scenario.yaml", "data/reflow.csv", "../reflow.csv")
    with pytest.raises(DocumentError, match=r"\.\./reflow\.csv"):
        measured.lab("lab")


def test_digests_follow_the_files(catalog: Catalog) -> None:
    lab, rubric = catalog.lab("lab").digest, catalog.rubric_digest("lab")
    change(catalog, "scenario.yaml", "mean_s: 330", "mean_s: 331")
    assert catalog.lab("lab").digest != lab
    assert catalog.rubric_digest("lab") == rubric
    change(catalog, "rubric.yaml", "points: 80", "points: 81")
    assert catalog.rubric_digest("lab") != rubric
