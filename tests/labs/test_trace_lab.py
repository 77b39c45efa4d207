from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from labs import Catalog, score
from labs.bundle import build
from labs.policy_source import functions_of
from labs.trace_lab import Machine, TraceLabError, machine_of, make, split
from simulators import DocumentError, replicate
from simulators.compute_cluster import Trace, parse_swf

from .trace_labs import PROCESSORS, anonymous, made, trace

if TYPE_CHECKING:
    from pathlib import Path

    from labs.trace_lab import MadeLab

SLUG = "our-trace"


@pytest.fixture(scope="module")
def ours() -> Trace:
    return trace()


@pytest.fixture(scope="module")
def lab_of_trace(tmp_path_factory: pytest.TempPathFactory, ours: Trace) -> tuple[Catalog, MadeLab]:
    root = tmp_path_factory.mktemp("catalog")
    return Catalog(root), made(root / SLUG, ours)


def test_it_stands_the_test_of_a_shipped_lab(lab_of_trace: tuple[Catalog, MadeLab]) -> None:
    catalog, told = lab_of_trace
    lab, rubric = catalog.graded(SLUG), catalog.rubric(SLUG)
    solution = yaml.safe_load((catalog.root / SLUG / "solution.yaml").read_text(encoding="utf-8"))
    for seed in (11, 12):
        studies = [
            replicate(lab.scenario_for(decision), replications=rubric.replications, seed=seed)
            for decision in ({}, solution["decision"])
        ]
        nothing, best = (score(rubric, study) for study in studies)
        assert nothing.points < 0.6 * nothing.maximum
        assert best.points > 0.9 * best.maximum
        # Every held-out week counts once, whatever the seed.
        assert nothing.points == pytest.approx(told.points_of_nothing)
        assert best.points == pytest.approx(told.points_of_best)
    assert set(lab.file.highlights) <= set(studies[0].names)
    assert rubric.maximum == 100
    policy = functions_of(solution["policy"]["source"], lab)
    scenario = lab.scenario_for(solution["policy"]["decision"])
    found = score(rubric, replicate(scenario, replications=rubric.replications, seed=11, policies=policy))
    assert found.points == pytest.approx(told.points_of_policy)


def test_thresholds_are_what_easy_and_the_best_decision_reach(lab_of_trace: tuple[Catalog, MadeLab]) -> None:
    catalog, told = lab_of_trace
    easy = next(one for one in told.tried if one.name == "FCFS + EASY")
    slowdown = next(one for one in catalog.rubric(SLUG).criteria if one.name == "slowdown")
    assert slowdown.pass_at == pytest.approx(easy.kpis["bounded_slowdown_mean"], rel=1e-3)
    assert slowdown.full_at == pytest.approx(1.03 * told.best.kpis["bounded_slowdown_mean"], rel=1e-3)
    text = (catalog.root / SLUG / "rubric.yaml").read_text(encoding="utf-8")
    assert f"bounded_slowdown_mean {easy.kpis['bounded_slowdown_mean']:.5g}" in text


def test_students_never_get_the_weeks_held_out(lab_of_trace: tuple[Catalog, MadeLab], tmp_path: Path) -> None:
    catalog, _ = lab_of_trace
    build(tmp_path / "bundle", catalog)
    names = {path.name for path in (tmp_path / "bundle" / SLUG).iterdir()}
    assert names == {"lab.yaml", "scenario.yaml", "practice.swf.gz", f"zh-{SLUG}.ipynb", f"en-{SLUG}.ipynb"}
    given, kept = catalog.lab(SLUG).scenario, catalog.graded(SLUG).scenario
    assert given.jobs.trace().column("submit_s").max() < kept.jobs.trace().column("submit_s").min()


def test_held_out_files_count_in_the_rubric_and_may_not_be_the_students(
    lab_of_trace: tuple[Catalog, MadeLab], tmp_path: Path, ours: Trace
) -> None:
    made(tmp_path / SLUG, ours)
    catalog = Catalog(tmp_path)
    digests = catalog.lab(SLUG).digest, catalog.rubric_digest(SLUG)
    assert digests == (lab_of_trace[0].lab(SLUG).digest, lab_of_trace[0].rubric_digest(SLUG))
    folder = tmp_path / SLUG
    (folder / "held-out.swf.gz").write_bytes((folder / "practice.swf.gz").read_bytes())
    assert catalog.lab(SLUG).digest == digests[0]
    assert catalog.rubric_digest(SLUG) != digests[1]
    rubric = folder / "rubric.yaml"
    good = rubric.read_text(encoding="utf-8")
    for before, after, words in (
        (": held-out.swf.gz\n", ": practice.swf.gz\n", "practice.swf.gz: must be a file in the lab's folder"),
        (": held-out.swf.gz\n", ": ../x\n", r"\.\./x: must be a file in the lab's folder"),
        ("practice.swf.gz:", "practise.swf:", "stands for practise.swf, which scenario.yaml does not name"),
    ):
        rubric.write_text(good.replace(before, after), encoding="utf-8")
        with pytest.raises(DocumentError, match=words):
            catalog.graded(SLUG)


def test_levers_and_criteria_that_say_nothing_are_left_out(
    lab_of_trace: tuple[Catalog, MadeLab], tmp_path: Path, ours: Trace
) -> None:
    catalog, _ = lab_of_trace
    assert [lever.name for lever in catalog.lab(SLUG).levers] == ["order", "backfilling", "nodes", "estimates"]
    assert "fairness" in [criterion.name for criterion in catalog.rubric(SLUG).criteria]
    made(tmp_path / SLUG, anonymous(ours))
    lab, rubric = Catalog(tmp_path).lab(SLUG), Catalog(tmp_path).rubric(SLUG)
    assert [lever.name for lever in lab.levers] == ["order", "backfilling", "nodes"]
    assert [criterion.name for criterion in rubric.criteria] == ["slowdown", "longest_wait"]
    assert rubric.maximum == 100
    assert "run times stand in" in (tmp_path / SLUG / "notebook.en.md").read_text(encoding="utf-8")


def test_notebooks_tell_of_the_trace(lab_of_trace: tuple[Catalog, MadeLab]) -> None:
    catalog, _ = lab_of_trace
    weeks = len(np.unique(catalog.lab(SLUG).scenario.jobs.trace().column("submit_s") // 604_800))
    assert weeks < 5
    for language, same in (("zh", f"同样的 {weeks} 周"), ("en", f"the same {weeks} weeks")):
        text = (catalog.root / SLUG / f"notebook.{language}.md").read_text(encoding="utf-8")
        assert f'labs.open("{SLUG}", language="{language}")' in text
        assert text.count(f"replications={weeks}") == 2
        assert same in text
        assert "$" not in text
        (slot,) = catalog.lab(SLUG).policies
        assert slot.starter is not None
        assert slot.starter.in_language(language).strip() in text


def test_jobs_larger_than_the_machine_are_counted_and_named(ours: Trace) -> None:
    small = Machine(4, 4)
    too_large = ours.column("processors") > small.processors
    worst = ours.column("job")[np.argmax(ours.column("processors"))]
    with pytest.raises(
        TraceLabError, match=rf"{too_large.sum()} of 3,200 jobs .* job {worst:g}, for 32; .*--leave-out"
    ):
        split(ours, small)
    cut = split(ours, small, leave_out_larger=True)
    assert cut.larger == too_large.sum()
    assert max(part.column("processors").max() for part in (cut.practice, cut.held_out)) <= small.processors


def test_too_few_weeks_are_refused_and_thin_ones_left_out(ours: Trace) -> None:
    machine = machine_of(ours)
    with pytest.raises(TraceLabError, match=r"900 jobs span .* weeks, of which 1 are whole .* practice weeks = 2"):
        split(replace(ours, values=ours.values[:900]), machine)
    with pytest.raises(TraceLabError, match="practice weeks = 40"):
        split(ours, machine, practice=40)
    week = ours.column("submit_s") // 604_800
    holiday = (week != 1) | (np.cumsum(week == 1) < 10)
    assert split(replace(ours, values=ours.values[holiday]), machine).thin == split(ours, machine).thin + 1
    with pytest.raises(TraceLabError, match="breaks off"):
        split(replace(ours, complete=False), machine)


def test_a_machine_that_is_never_full_teaches_nothing(ours: Trace, tmp_path: Path) -> None:
    large = Machine(4096, 1)
    with pytest.raises(TraceLabError, match="teach nothing on 4,096 processors, of which the jobs need"):
        make(split(ours, large), large, tmp_path / SLUG, name="ours.swf")
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(ours: Trace, tmp_path: Path) -> None:
    machine = machine_of(ours)
    (tmp_path / SLUG).mkdir()
    with pytest.raises(TraceLabError, match="is there already"):
        make(split(ours, machine), machine, tmp_path / SLUG, name="ours.swf")
    with pytest.raises(TraceLabError, match="'Our Lab' is the lab's name"):
        make(split(ours, machine), machine, tmp_path / "Our Lab", name="ours.swf")


@pytest.mark.parametrize(
    ("header", "asked", "expected"),
    [
        ("; MaxNodes: 16\n; MaxProcs: 64\n", (None, None), Machine(16, 4)),
        ("; MaxNodes: 16\n", (None, None), Machine(16, 1)),
        ("; MaxProcs: 64 (of 70)\n", (None, None), Machine(64, 1)),
        ("", (None, None), Machine(5, 1)),
        ("; MaxProcs: 64\n", (None, 10), Machine(7, 10)),
        ("; MaxNodes: 16\n; MaxProcs: 64\n", (20, None), Machine(20, 1)),
        ("", (3, 2), Machine(3, 2)),
    ],
)
def test_the_machine_is_the_headers(header: str, asked: tuple[int | None, int | None], expected: Machine) -> None:
    found = parse_swf(f"{header}1 0 -1 60 5 -1 -1 -1 -1 -1 1 -1 -1 -1 0 -1 -1 -1\n")
    assert machine_of(found, *asked) == expected


def test_processors_of_the_machine() -> None:
    assert Machine(32, 4).processors == 4 * PROCESSORS
