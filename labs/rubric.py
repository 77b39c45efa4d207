"""How a lab is scored: criteria over KPIs."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from simulators import Study, Text
from simulators.statistics import half_widths

__all__ = ["Criterion", "CriterionScore", "Feedback", "Replications", "Rubric", "Score", "score"]

CREDIT_AT_PASS = 0.6  # a pass is 60 of 100 in Chinese schools


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Feedback(_Frozen):
    """What a student reads, by how far she got."""

    below: Text = Field(description="the pass threshold is not reached")
    passed: Text = Field(description="passed, short of full points")
    full: Text = Field(description="full points")


class Criterion(_Frozen):
    """One KPI, its thresholds and its weight."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    label: Text
    kpi: str = Field(description="name of the KPI, such as throughput_per_h; thresholds are in its unit")
    direction: Literal["higher", "lower"] = Field(description="which way is better")
    pass_at: float = Field(description="value that earns 60 % of the points")
    full_at: float = Field(description="value that earns all points")
    points: PositiveFloat
    feedback: Feedback

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        gain = self.full_at - self.pass_at if self.direction == "higher" else self.pass_at - self.full_at
        if not gain > 0:
            wanted = ">" if self.direction == "higher" else "<"
            message = (
                f"full_at = {self.full_at:g} must be {wanted} pass_at = {self.pass_at:g} (direction: {self.direction})"
            )
            raise ValueError(message)
        return self

    def credit(self, value: float) -> float:
        """Return the share of the points, in [0, 1], for a value of the KPI.

        One straight line through 0.6 at ``pass_at`` and 1 at ``full_at``, cut off at 0 and 1; NaN earns nothing.
        """
        if math.isnan(value):
            return 0.0
        along = (value - self.pass_at) / (self.full_at - self.pass_at)
        return min(1.0, max(0.0, CREDIT_AT_PASS + (1 - CREDIT_AT_PASS) * along))


class Replications(_Frozen):
    """How often a decision is simulated."""

    replications: PositiveInt = Field(ge=2, le=10_000, description="held-out replications that a score rests on")
    maximum_replications: PositiveInt | None = Field(
        default=None,
        le=100_000,
        description="most replications, where the lab has a tolerance that is not met yet; null: ten times as many",
    )

    @model_validator(mode="after")
    def _growing(self) -> Self:
        if self.maximum_replications is not None and self.maximum_replications < self.replications:
            message = f"maximum_replications = {self.maximum_replications} must be ≥ replications = {self.replications}"
            raise ValueError(message)
        return self

    @property
    def cap(self) -> int:
        """Most replications that a score may rest on."""
        return self.maximum_replications or 10 * self.replications


class Rubric(Replications):
    """What ``rubric.yaml`` holds; it never enters a student's image."""

    policies: Replications | None = Field(
        default=None, description="how often a decision with a policy is simulated, which takes longer; null: the same"
    )
    held_out: dict[str, str] = Field(
        default={},
        description="by a file that scenario.yaml names, the file of the lab's folder that graders have instead",
    )
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=20)

    def for_policies(self) -> Self:
        """Return the rubric with the numbers of replications that hold for decisions with a policy."""
        return self.model_copy(update=dict(self.policies)) if self.policies else self

    @property
    def maximum(self) -> float:
        """Points to be had."""
        return sum(criterion.points for criterion in self.criteria)


class CriterionScore(_Frozen):
    """What one criterion gave."""

    name: str
    label: Text
    kpi: str
    value: float | None = Field(description="mean over the held-out replications; null where there is none")
    half_width_95: float | None = Field(description="half the width of its 95 % confidence interval")
    unit: str
    pass_at: float
    full_at: float
    direction: Literal["higher", "lower"]
    credit: float = Field(ge=0, le=1)
    points: float
    maximum: float
    feedback: Text


class Score(_Frozen):
    """Points, and where they come from."""

    points: float
    maximum: float
    half_width_95: float | None = Field(
        description="half the width of the 95 % confidence interval of the points; null with one replication"
    )
    criteria: tuple[CriterionScore, ...]


def score(rubric: Rubric, study: Study) -> Score:
    """Score a study. Pure: the same rubric and study always give the same score.

    The interval of the points is that of the sum of the criteria, each taken as a straight line across the interval of
    its own KPI (delta method with secants, so that a threshold inside the interval counts). Correlation between KPIs is
    in it, because the sum is formed replication by replication.

    Parameters
    ----------
    rubric
        The criteria.
    study
        Replications of the student's decision with held-out seeds.

    Returns
    -------
    Points in [0, ``rubric.maximum``]; better KPIs never earn less.

    Raises
    ------
    simulators.UnknownKpiError
        A criterion names a KPI that the study does not hold.
    """
    criteria = tuple(_scored(criterion, study) for criterion in rubric.criteria)
    half_width = _half_width(rubric, study)
    return Score(
        points=sum(c.points for c in criteria),
        maximum=rubric.maximum,
        half_width_95=half_width if math.isfinite(half_width) else None,
        criteria=criteria,
    )


def _half_width(rubric: Rubric, study: Study) -> float:
    """Return half the width of the 95 % interval of the points; infinite with one replication."""
    if study.replications < 2:
        return math.inf
    points = np.zeros(study.replications)
    for criterion in rubric.criteria:
        estimate = study.estimate(criterion.kpi)
        half = estimate.half_width_95
        # A KPI without a value earns nothing, however often it is measured.
        if math.isfinite(estimate.mean) and half > 0:
            rise = criterion.credit(estimate.mean + half) - criterion.credit(estimate.mean - half)
            column = study.values[:, study.names.index(criterion.kpi)]
            points += criterion.points * rise / (2 * half) * column
    return float(half_widths(points[:, None])[0])


def _scored(criterion: Criterion, study: Study) -> CriterionScore:
    estimate = study.estimate(criterion.kpi)
    credit = criterion.credit(estimate.mean)
    feedback = criterion.feedback
    text = feedback.full if credit >= 1 else feedback.passed if credit >= CREDIT_AT_PASS else feedback.below
    return CriterionScore(
        name=criterion.name,
        label=criterion.label,
        kpi=criterion.kpi,
        value=None if math.isnan(estimate.mean) else estimate.mean,
        half_width_95=estimate.half_width_95 if math.isfinite(estimate.half_width_95) else None,
        unit=estimate.unit,
        pass_at=criterion.pass_at,
        full_at=criterion.full_at,
        direction=criterion.direction,
        credit=credit,
        points=credit * criterion.points,
        maximum=criterion.points,
        feedback=text,
    )
