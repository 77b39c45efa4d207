"""Makes a lab of a trace: writes its files, simulates what thresholds rest on, and tries the lab before it is there."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from labs.catalog import CATALOG, Catalog
from labs.policy_source import functions_of
from labs.rubric import score
from labs.trace_lab import documents
from labs.trace_lab.errors import TraceLabError
from labs.trace_lab.targets import ORDERS, Tried, best, thresholds
from simulators import Study, replicate
from simulators.compute_cluster import ComputeCluster, write_swf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from labs.lab import Lab
    from labs.trace_lab.weeks import Machine, Weeks
    from simulators import Text

__all__ = ["MadeLab", "make"]

SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
FEWEST_USERS = 5
FAIRNESS = "fairness_jain"
CREDIT_TO_FAIL, CREDIT_TO_SHINE = 0.6, 0.9
EASY = {"backfilling": 1}


@dataclass(frozen=True)
class MadeLab:
    """What became of a trace.

    Parameters
    ----------
    slug
        The lab's name.
    tried
        Every decision that was simulated in the held-out weeks, and what it reached.
    best
        The one that full points are measured by.
    points_of_nothing, points_of_best, points_of_policy
        What doing nothing, that decision and the policy of ``solution.yaml`` earn, out of 100.
    """

    slug: str
    tried: tuple[Tried, ...]
    best: Tried
    points_of_nothing: float
    points_of_best: float
    points_of_policy: float


def make(
    weeks: Weeks,
    machine: Machine,
    folder: Path,
    *,
    name: str,
    title: Text | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> MadeLab:
    """Write a lab's folder.

    Parameters
    ----------
    weeks
        The jobs.
    machine
        What they run on.
    folder
        The lab's folder; its name is the lab's. It must not be there yet, and is there only when the lab is whole.
    name
        What the trace is called.
    title
        Title of the lab; by default it names the trace.
    progress
        Told (done, all) of the simulated weeks.

    Raises
    ------
    TraceLabError
        The folder is there or its name is not fit, or the weeks teach nothing on this machine.
    """
    slug = folder.name
    if not SLUG.fullmatch(slug):
        message = f"the folder's name = {slug!r} is the lab's name: a-z, 0-9 and -, at most 40, a letter first"
        raise TraceLabError(message)
    if folder.exists():
        message = f"{folder} is there already; choose another name, or remove it"
        raise TraceLabError(message)
    draft = folder.parent / f".{slug}.draft" / slug
    shutil.rmtree(draft.parent, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        made = _Maker(weeks, machine, draft, name, title, progress).make()
        draft.rename(folder)
    finally:
        shutil.rmtree(draft.parent, ignore_errors=True)
    return made


class _Maker:
    def __init__(
        self,
        weeks: Weeks,
        machine: Machine,
        draft: Path,
        name: str,
        title: Text | None,
        progress: Callable[[int, int], None],
    ) -> None:
        self._weeks, self._machine, self._draft, self._progress = weeks, machine, draft, progress
        self._facts = documents.facts(weeks, machine, draft.name, name, title)
        self._model = {
            part: yaml.safe_load((CATALOG / documents.MODEL / f"{part}.yaml").read_text(encoding="utf-8"))
            for part in ("lab", "rubric", "solution")
        }
        self._done, self._all = 0, 0

    def make(self) -> MadeLab:
        draft, weeks = self._draft, self._weeks
        write_swf(weeks.practice, draft / "practice.swf.gz")
        write_swf(weeks.held_out, draft / "held-out.swf.gz")
        documents.write(draft / "scenario.yaml", documents.scenario(self._machine, self._facts))
        documents.write(draft / "lab.yaml", documents.lab(self._model["lab"], self._machine, weeks, self._facts))
        for language in documents.LANGUAGES:
            text = documents.notebook(language, self._facts, self._criteria())
            (draft / f"notebook.{language}.md").write_text(text, encoding="utf-8")
        lab = self._graded(Catalog(draft.parent).lab(draft.name))
        tried, found, policy_kpis = self._try(lab)
        criteria = list(self._with_thresholds(tried, found))
        documents.write(draft / "rubric.yaml", documents.rubric(criteria, weeks.held_out_weeks, tried, self._facts))
        solution = documents.solution(self._model["solution"], found, self._facts)
        documents.write(draft / "solution.yaml", solution)
        # Now as graders read it: nothing of what was written may differ from what was simulated.
        catalog = Catalog(draft.parent)
        rubric, graded = catalog.rubric(draft.name), catalog.graded(draft.name)
        nothing, shining = (
            score(rubric, self._study(graded, decision)).points for decision in ({}, dict(found.decision))
        )
        policy = score(rubric, policy_kpis).points
        if nothing >= CREDIT_TO_FAIL * rubric.maximum or shining <= CREDIT_TO_SHINE * rubric.maximum:
            why = (
                f"doing nothing would earn {nothing:.0f}, the best decision {shining:.0f} of {rubric.maximum:g} points"
            )
            raise self._no_lesson(why, tried[0], found)
        return MadeLab(draft.name, tuple(tried), found, nothing, shining, policy)

    def _graded(self, lab: Lab) -> Lab:
        """Return the lab with the weeks that are held out, before it has a rubric that names them."""
        data = lab.scenario.model_dump()
        data["jobs"]["file"] = str(self._draft / "held-out.swf.gz")
        return replace(lab, scenario=ComputeCluster.model_validate(data))

    def _criteria(self) -> list[dict[str, Any]]:
        """Return the model's criteria that say something here, with 100 points in all."""
        criteria: list[dict[str, Any]] = [
            {**one}
            for one in self._model["rubric"]["criteria"]
            if one["kpi"] != FAIRNESS or self._weeks.users >= FEWEST_USERS
        ]
        there = sum(one["points"] for one in criteria)
        for one in criteria:
            one["points"] = round(100 * one["points"] / there)
        criteria[0]["points"] += 100 - sum(one["points"] for one in criteria)
        return criteria

    def _with_thresholds(self, tried: list[Tried], found: Tried) -> Iterator[dict[str, Any]]:
        easy = next(one for one in tried if one.decision == EASY)
        for criterion in self._criteria():
            kpi, direction = criterion["kpi"], criterion["direction"]
            pass_at, full_at = thresholds(direction, easy=easy.kpis[kpi], reached=found.kpis[kpi])
            if pass_at == full_at:
                why = f"{kpi} = {full_at:g} whatever one does"
                raise self._no_lesson(why, tried[0], found)
            yield {**criterion, "pass_at": pass_at, "full_at": full_at}

    def _no_lesson(self, why: str, nothing: Tried, found: Tried) -> TraceLabError:
        message = (
            f"{why} (mean wait: {nothing.kpis['wait_mean_s']:,.0f} s under {nothing.name}, "
            f"{found.kpis['wait_mean_s']:,.0f} s under {found.name}): these weeks teach nothing on "
            f"{self._machine.processors:,} processors, of which the jobs need {self._weeks.load:.0%}; "
            "give another machine (--nodes, --cores) or more weeks (--held-out)"
        )
        return TraceLabError(message)

    def _try(self, lab: Lab) -> tuple[list[Tried], Tried, Study]:
        """Simulate the built-in schedulers, then what money adds to the best of them, then the model's policy."""
        plain = [{}, {"order": 1}, EASY, *({"order": order, **EASY} for order in range(1, len(ORDERS)))]
        bought = list(_bought(lab))
        self._all = (len(plain) + len(bought) + 3) * self._weeks.held_out_weeks
        tried = [self._tried(lab, decision) for decision in plain]
        criteria = self._criteria()
        leader = best(tried, criteria)
        tried += [self._tried(lab, {**leader.decision, **extra}) for extra in bought]
        found = best(tried, criteria)
        policy = self._model["solution"]["policy"]
        spent = {name: units for name, units in found.decision.items() if name not in ("order", "backfilling")}
        return tried, found, self._study(lab, spent, functions_of(policy["source"], lab))

    def _tried(self, lab: Lab, decision: dict[str, int]) -> Tried:
        study = self._study(lab, decision)
        means = {name: estimate.mean for name, estimate in study.estimates().items()}
        wrong = [name for name in ("bounded_slowdown_mean", "wait_max_s") if not math.isfinite(means[name])]
        if wrong or np.any(study.values[:, study.names.index("jobs_unfinished")] > 0):
            message = (
                f"{Tried(decision, means).name}: jobs do not end within {self._facts['horizon_weeks']} weeks; "
                f"they need {self._weeks.load:.0%} of the machine: give a larger one (--nodes, --cores)"
            )
            raise TraceLabError(message)
        return Tried(decision, means)

    def _study(self, lab: Lab, decision: Mapping[str, int], policies: Any = None) -> Study:  # noqa: ANN401
        before = self._done

        def tell(done: int, _: int) -> None:
            self._done = before + done
            self._progress(self._done, self._all)

        weeks = self._weeks.held_out_weeks
        scenario = lab.scenario_for(decision)
        return replicate(scenario, replications=weeks, seed=0, policies=policies, progress=tell)


def _bought(lab: Lab) -> Iterator[dict[str, int]]:
    """Return what the budget buys: all of one lever, and a half of each where there are two."""
    priced = [lever for lever in lab.levers if lever.cost > 0]
    limit = lab.budget.limit
    for lever in priced:
        yield {lever.name: min(lever.maximum, int(limit / lever.cost))}
    if len(priced) > 1:
        yield {lever.name: min(lever.maximum, int(limit / 2 / lever.cost)) for lever in priced}
