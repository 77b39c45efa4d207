"""The assessment of a decision: re-simulated with the held-out seed, scored by the rubric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from grading.errors import AssessmentError
from labs import Catalog, DecisionError, UnknownLabError, score
from simulators import replicate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grading.seeds import HeldOutSeeds
    from simulators import Estimate

__all__ = ["Assessment", "assess"]


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
    criteria: Sequence[Mapping[str, Any]]


def assess(catalog_root: Path, slug: str, decision: Mapping[str, Any], seeds: HeldOutSeeds) -> Assessment:
    """Simulate a decision with the held-out seed and score it. The same arguments give the same assessment.

    Parameters
    ----------
    catalog_root
        Folder of the labs.
    slug
        Which lab.
    decision
        Value of each lever.
    seeds
        The held-out seeds.

    Raises
    ------
    AssessmentError
        Where the lab is gone or, since the submission, no longer allows the decision.
    simulators.DocumentError
        Where the lab or its rubric is malformed.
    """
    catalog = Catalog(catalog_root)
    try:
        lab = catalog.lab(slug)
        complete = lab.check(decision)
    except UnknownLabError as error:
        raise AssessmentError(str(error), final=True) from error
    except DecisionError as error:
        reason = f"the lab has changed since the submission and no longer allows this decision: {error}"
        raise AssessmentError(reason, final=True) from error
    rubric = catalog.rubric(slug)
    study = replicate(lab.scenario_for(complete), replications=rubric.replications, seed=seeds.seed(lab.digest))
    result = score(rubric, study)
    return Assessment(
        lab_version=lab.version,
        lab_digest=lab.digest,
        engine_version=f"{study.engine}/{version('shixun')}",
        rubric_digest=catalog.rubric_digest(slug),
        seed_commitment=seeds.commitment(lab.digest),
        replications=study.replications,
        decision=dict(complete),
        estimates={name: _plain(estimate) for name, estimate in study.estimates().items()},
        points=result.points,
        maximum=result.maximum,
        criteria=[criterion.model_dump(mode="json") for criterion in result.criteria],
    )


def _plain(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate with null where JSON has no number (NaN, infinity)."""
    return {
        "mean": estimate.mean if math.isfinite(estimate.mean) else None,
        "half_width_95": estimate.half_width_95 if math.isfinite(estimate.half_width_95) else None,
        "unit": estimate.unit,
    }
