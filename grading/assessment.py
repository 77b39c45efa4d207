"""The assessment of a decision: re-simulated with the held-out seed, scored by the rubric."""

from __future__ import annotations

import hashlib
import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from grading import reasons
from grading.chain import canonical
from grading.errors import AssessmentError
from grading.policy_sandbox import PolicyFailedError, remote
from grading.sampling import Progress, extended, sample
from grading.side_by_side import SideBySide
from labs import Catalog, DecisionError, UnknownLabError, score
from labs.policy import POLICY, levers_of
from simulators import PolicyError
from simulators.simulation import engine_for
from simulators.version import code_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from grading.policy_sandbox import Warm
    from grading.seeds import HeldOutSeeds
    from labs import Lab, Rubric
    from simulators import Estimate, Study

__all__ = ["Assessment", "Assessor", "Bench", "study_key"]

_SIDE_BY_SIDE = 8


@dataclass(frozen=True)
class Assessment:
    """Everything that an outcome keeps of a judged decision; plain data, ready for JSON."""

    lab_version: str
    lab_digest: str
    engine_version: str
    rubric_digest: str
    seed_commitment: str
    replications: int
    decision: Mapping[str, Any]
    estimates: Mapping[str, Any]
    points: float
    maximum: float
    half_width_95: float | None
    criteria: Sequence[Mapping[str, Any]]


def study_key(lab_digest: str, engine_version: str, seed_commitment: str, decision: Mapping[str, Any]) -> str:
    """Return the name of the study of a decision: whatever its figures depend on, as one digest."""
    return hashlib.sha256(canonical([lab_digest, engine_version, seed_commitment, decision]).encode()).hexdigest()


@dataclass(frozen=True)
class Bench:
    """A lab with what graders need of it.

    Parameters
    ----------
    lab
        The lab, with the data that its rubric holds out.
    rubric, rubric_digest
        How it is scored.
    files
        What the lab and its score depend on, below the lab's folder.
    engine_version
        Which engine of which code simulates it, and, where the rubric holds data out, with which.
    policy_engine_version
        Which one simulates decisions with a policy.
    """

    lab: Lab
    rubric: Rubric
    rubric_digest: str
    files: tuple[str, ...]
    engine_version: str
    policy_engine_version: str

    def engine_of(self, decision: Mapping[str, Any]) -> str:
        """Return which engine of which code simulates a decision."""
        return self.policy_engine_version if POLICY in decision else self.engine_version


@dataclass
class Assessor:
    """Assesses decisions, and keeps the labs that it has read for as long as their files stay as they are.

    Parameters
    ----------
    catalog_root
        Folder of the labs.
    seeds
        The held-out seeds.
    policies
        Where students' policies run; None where they cannot.
    """

    catalog_root: Path
    seeds: HeldOutSeeds
    policies: Warm | None = None
    _benches: dict[str, tuple[object, Bench]] = field(default_factory=dict, init=False, repr=False)

    def bench(self, slug: str) -> Bench:
        """Return a lab with its rubric.

        Raises
        ------
        AssessmentError
            Where the lab is gone.
        simulators.DocumentError
            Where the lab or its rubric is malformed.
        """
        known = self._benches.get(slug)
        if known is not None and known[0] == _state(self.catalog_root / slug, known[1].files):
            return known[1]
        catalog = Catalog(self.catalog_root)
        try:
            files = (*catalog.files(slug), "rubric.yaml", *catalog.held_out(slug))
        except UnknownLabError as error:
            known_labs = ", ".join(catalog) or "—"
            raise AssessmentError(reasons.LAB_GONE % {"lab": slug, "known": known_labs}, final=True) from error
        state = _state(catalog.folder(slug), files)  # before they are read, so that no change is missed
        lab = catalog.graded(slug)
        points = [slot.point for slot in lab.policies]
        engines = (engine_for(lab.scenario), engine_for(lab.scenario, policies=points))
        code = f"{version('shixun')}+{_with_data(code_version(), catalog.held_out_digest(slug))}"
        versions = (f"{engine}/{code}" for engine in engines)
        bench = Bench(lab, catalog.rubric(slug), catalog.rubric_digest(slug), files, *versions)
        self._benches[slug] = state, bench
        return bench

    def complete(self, slug: str, decision: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a decision with every lever named, and its policy, if any.

        Raises
        ------
        AssessmentError
            Where the lab is gone or, since the submission, no longer allows the decision.
        """
        try:
            return self.bench(slug).lab.complete(decision)
        except DecisionError as error:
            raise AssessmentError(reasons.LAB_CHANGED % {"why": error}, final=True) from error

    def key(self, slug: str, decision: Mapping[str, Any]) -> str:
        """Return the name of a decision's study; raises like `complete`."""
        complete = self.complete(slug, decision)
        bench = self.bench(slug)
        return study_key(bench.lab.digest, bench.engine_of(complete), self.seeds.commitment(bench.lab.digest), complete)

    @contextmanager
    def _running(self, lab: Lab, source: str) -> Iterator[tuple[Mapping[str, Callable[..., object]], SideBySide]]:
        """Give the functions of a policy, which runs in a sandbox until the block ends, and who asks them."""
        if self.policies is None:
            raise AssessmentError(reasons.NO_POLICIES)
        process = self.policies.take()
        with remote(process, [slot.point for slot in lab.policies]) as functions:
            limits = lab.file.policy_limits
            process.load(source, answer_s=limits.answer_s, total_s=limits.total_s)
            # Copies of a policy share one random generator: each begins it anew, which the others must not see.
            yield functions, SideBySide(process.ask_all, 1 if "random" in source else _SIDE_BY_SIDE)

    def assess(
        self,
        slug: str,
        decision: Mapping[str, Any],
        known: Study | None = None,
        progress: Callable[[Progress], None] = lambda progress: None,
    ) -> tuple[Assessment, Study]:
        """Simulate a decision with the held-out seed and score it. The same arguments give the same assessment.

        Parameters
        ----------
        slug
            Which lab.
        decision
            Value of each lever.
        known
            Replications of the very same study that are at hand; they change nothing but the time it takes.
        progress
            Told how far it is, at the beginning of each stage and after each replication.

        Returns
        -------
        The assessment, and the study with every replication that is now known.

        Raises
        ------
        AssessmentError
            Where the lab is gone or, since the submission, no longer allows the decision.
        simulators.DocumentError
            Where the lab or its rubric is malformed.
        """
        complete = self.complete(slug, decision)
        bench = self.bench(slug)
        lab, rubric = bench.lab, bench.rubric
        scenario = lab.scenario_for(levers_of(complete))
        seed = self.seeds.seed(lab.digest)
        longest = known
        functions: Mapping[str, Callable[..., object]] = {}
        executor: SideBySide | None = None

        def study_of(replications: int, half_width_95: float | None) -> Study:
            nonlocal longest

            def tell(done: int) -> None:
                progress(Progress(done, replications, rubric.cap, half_width_95, lab.tolerance_points))

            found = extended(scenario, seed, longest, replications, functions, tell, executor)
            if longest is None or found.replications > longest.replications:
                longest = found
            return found

        if POLICY in complete:
            rubric = rubric.for_policies()
            with self._running(lab, complete[POLICY]) as (functions, executor):
                study = _told(lambda: sample(rubric, lab.tolerance_points, study_of))
        else:
            study = sample(rubric, lab.tolerance_points, study_of)
        result = score(rubric, study)
        assessment = Assessment(
            lab_version=lab.version,
            lab_digest=lab.digest,
            engine_version=bench.engine_of(complete),
            rubric_digest=bench.rubric_digest,
            seed_commitment=self.seeds.commitment(lab.digest),
            replications=study.replications,
            decision=dict(complete),
            estimates={name: _plain(estimate) for name, estimate in study.estimates().items()},
            points=result.points,
            maximum=result.maximum,
            half_width_95=result.half_width_95,
            criteria=[criterion.model_dump(mode="json") for criterion in result.criteria],
        )
        return assessment, longest or study


def _state(folder: Path, names: Iterable[str]) -> tuple[object, ...]:
    """Return what changes when a file does."""
    found = [file.stat() for name in names if (file := folder / name).exists()]
    return tuple((status.st_mtime_ns, status.st_size) for status in found)


def _with_data(code: str, held_out_digest: str) -> str:
    """Return the digest of code and of the data that graders alone have, as long as that of the code."""
    return hashlib.sha256(f"{code}{held_out_digest}".encode()).hexdigest()[: len(code)] if held_out_digest else code


def _told(simulate: Callable[[], Study]) -> Study:
    """Simulate; what a policy did wrong becomes plain words for the student."""
    try:
        return simulate()
    except PolicyError as error:
        fault = error.__cause__
        if fault is not None and not isinstance(fault, PolicyFailedError):
            raise
        # Without a fault it answered what cannot be carried out; file and line of the error are those of our own pipe.
        why = fault or reasons.POLICY_POINT % {"point": error.point, "why": str(error).partition(": ")[2]}
        raise AssessmentError(reasons.POLICY_STOPPED % {"why": why}, final=True) from error


def _plain(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate with null where JSON has no number (NaN, infinity)."""
    return {
        "mean": estimate.mean if math.isfinite(estimate.mean) else None,
        "half_width_95": estimate.half_width_95 if math.isfinite(estimate.half_width_95) else None,
        "unit": estimate.unit,
    }
