"""What the API of learners takes and gives, as it stands in the OpenAPI document."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

__all__ = [
    "BudgetOut",
    "CriterionOut",
    "EstimateOut",
    "Health",
    "HintOut",
    "LabList",
    "LabOut",
    "LabSummary",
    "LeverOut",
    "Out",
    "OutcomeList",
    "OutcomeOut",
    "OutcomeSummary",
    "SubmissionIn",
    "SubmissionOut",
    "TextOut",
]


class Out(BaseModel):
    """What the API gives; frozen, and read from whatever has the same attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class TextOut(Out):
    """A text in both languages."""

    zh: str
    en: str


class SubmissionIn(BaseModel):
    """A decision to hand in."""

    model_config = ConfigDict(extra="forbid")

    lab: str = Field(min_length=1, max_length=100, description="Slug of the lab.", examples=["pcb-bottleneck"])
    decision: dict[str, JsonValue] = Field(description="Value of each lever by its name.")


class SubmissionOut(Out):
    """A submission and how far it is."""

    id: UUID
    learner: str = Field(description="JupyterHub name of who handed it in.")
    lab: str = Field(description="Slug of the lab.")
    lab_version: str = Field(description="Version of the lab when it was handed in.")
    submitted_at: datetime = Field(description="When it was stored, UTC.")
    state: Literal["queued", "grading", "graded", "failed"]
    queue_position: int | None = Field(description="Place in the queue, from 1; null when it no longer waits.")
    expected_wait_s: float | None = Field(
        default=None, description="How long it will wait, in seconds, as the newest ones took; null when unknown."
    )
    late_factor: float | None = Field(
        default=None, description="What its points are multiplied with: 1 in time, less when late; null without a rule."
    )
    outcome_id: UUID | None = Field(description="Its newest outcome, once it is graded.")
    failure: str | None = Field(description="Why it failed, or why the last try did.")


class EstimateOut(Out):
    """A figure over the replications."""

    mean: float | None = Field(description="Mean; null where the runs gave no value.")
    half_width_95: float | None = Field(description="Half width of its 95 % confidence interval, in the same unit.")
    unit: str


class CriterionOut(Out):
    """One criterion of the rubric, judged."""

    name: str
    label: TextOut
    kpi: str = Field(description="Name of the figure that was judged.")
    value: float | None
    half_width_95: float | None
    unit: str
    pass_at: float = Field(description="Value that earns 60 % of the points.")
    full_at: float = Field(description="Value that earns all points.")
    direction: Literal["higher", "lower"] = Field(description="Which way is better.")
    credit: float = Field(description="Share of the maximum that was earned, from 0 to 1.")
    points: float
    maximum: float
    feedback: TextOut


class OutcomeSummary(Out):
    """One line of a learning account."""

    id: UUID
    submission_id: UUID
    learner: str
    seq: int = Field(description="Number in the learner's account, from 1.")
    lab: str
    lab_version: str
    points: float
    maximum: float
    recorded_at: datetime = Field(description="When it was recorded, UTC.")


class HintOut(Out):
    """The one change of a decision that would have earned most."""

    lever: str | None = Field(description="Which lever; null where no single change earns more.")
    change: int = Field(description="Units more, or, below 0, fewer.")
    gain: float = Field(description="Points that it would have earned more.")


class OutcomeOut(OutcomeSummary):
    """An outcome with its feedback and everything needed to check it later."""

    lab_digest: str = Field(description="sha256 of the lab's files that were used.")
    engine_version: str
    rubric_digest: str = Field(description="sha256 of the rubric.")
    seed_commitment: str = Field(description="sha256 of the held-out seed, which itself stays in the service.")
    replications: int
    decision: dict[str, Any]
    estimates: dict[str, EstimateOut]
    criteria: list[CriterionOut]
    half_width_95: float | None = Field(
        description="Half width of the 95 % confidence interval of the points; null where it was not recorded."
    )
    late_factor: float | None = Field(description="What the points were multiplied with because they came late.")
    supersedes: UUID | None = Field(description="The earlier outcome that this regrade replaces.")
    superseded_by: UUID | None = Field(description="The later outcome that replaces this one.")
    reason: str | None = Field(description="Why it was regraded.")
    regraded_by: str | None = Field(description="Who asked for the regrade.")
    hint: HintOut | None = Field(description="What would have earned most; null while it is sought.")
    prev_hash: str
    hash: str = Field(description="sha256 over `prev_hash` and this outcome.")


class OutcomeList(Out):
    """A page of outcomes, newest first."""

    items: list[OutcomeSummary]
    total: int = Field(description="How many there are in all.")
    limit: int
    offset: int


class LabSummary(Out):
    """A lab in the catalogue."""

    slug: str
    version: str
    digest: str = Field(description="sha256 of the lab's files.")
    title: TextOut
    summary: TextOut
    occupation: TextOut = Field(description="What it trains for.")
    hours_h: float = Field(description="Class hours that it counts for.")
    seed_commitment: str = Field(
        default="", description="sha256 of the held-out seed of this form of the lab, published before grading."
    )


class LeverOut(Out):
    """Something the learner buys by the unit."""

    name: str
    label: TextOut
    maximum: int = Field(description="Most units that can be bought.")
    cost: float = Field(description="Cost of one unit, in the budget's unit.")


class BudgetOut(Out):
    """What a decision may cost."""

    limit: float
    unit: TextOut


class LabOut(LabSummary):
    """A lab with what can be decided in it."""

    levers: list[LeverOut]
    budget: BudgetOut


class LabList(Out):
    """The catalogue."""

    items: list[LabSummary]


class Health(Out):
    """How the service is."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str] = Field(default_factory=dict, description="What was looked at, and what was found.")
