"""Competencies: what a framework file says that outcomes are evidence of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulators import Text, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grading.outcomes import Outcome

__all__ = ["FRAMEWORKS", "Attainment", "Competency", "Evidence", "Framework", "attainments", "read_frameworks"]

FRAMEWORKS = Path(__file__).parent / "frameworks"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Evidence(_Frozen):
    """A lab, or one criterion of it, that shows a competency."""

    lab: str = Field(description="slug of the lab")
    criterion: str | None = Field(default=None, description="name of the criterion; null: the whole lab")
    share: float = Field(gt=0, le=1, description="share of the points from which it counts")


class Competency(_Frozen):
    """Something that a learner can do."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$")]
    title: Text
    description: Text
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="all of it is needed")


class Framework(_Frozen):
    """What a file in ``frameworks/`` holds."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Text
    competencies: tuple[Competency, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [competency.code for competency in self.competencies]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            message = f"code = {', '.join(twice)} stands twice; give each competency its own"
            raise ValueError(message)
        return self


@dataclass(frozen=True)
class Attainment:
    """A competency and how far a learner is.

    Parameters
    ----------
    framework, competency
        Which one.
    share
        Least, over its evidence, of what was reached relative to what is needed, from 0 to 1.
    outcomes
        The outcomes that show it.
    """

    framework: Framework
    competency: Competency
    share: float
    outcomes: tuple[Outcome, ...]

    @property
    def attained(self) -> bool:
        """Whether all the evidence is there."""
        return self.share >= 1


def read_frameworks(folder: Path = FRAMEWORKS) -> tuple[Framework, ...]:
    """Read every framework of a folder.

    Raises
    ------
    simulators.DocumentError
        Where a file is malformed.

    Examples
    --------
    >>> [framework.name for framework in read_frameworks()]
    ['computing-operations', 'heritage-operations', 'smt-process']
    """
    return tuple(read(path, Framework) for path in sorted(folder.glob("*.yaml")))


def attainments(frameworks: tuple[Framework, ...], standing: Mapping[str, Outcome]) -> tuple[Attainment, ...]:
    """Return how far a learner is in every competency.

    Parameters
    ----------
    frameworks
        What competencies there are.
    standing
        The outcome that counts in each lab, by the lab's slug.
    """
    return tuple(
        _attainment(framework, competency, standing)
        for framework in frameworks
        for competency in framework.competencies
    )


def _attainment(framework: Framework, competency: Competency, standing: Mapping[str, Outcome]) -> Attainment:
    shares, shown = [], []
    for evidence in competency.evidence:
        outcome = standing.get(evidence.lab)
        reached = 0.0 if outcome is None else _share(outcome, evidence.criterion)
        shares.append(min(1.0, reached / evidence.share))
        if outcome is not None and reached >= evidence.share:
            shown.append(outcome)
    return Attainment(framework, competency, min(shares), tuple(shown))


def _share(outcome: Outcome, criterion: str | None) -> float:
    if criterion is None:
        return outcome.points / outcome.maximum
    found = [each["credit"] for each in outcome.criteria if each["name"] == criterion]
    return float(found[0]) if found else 0.0
