"""What the API of instructors takes and gives."""

import itertools
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from grading.models import Out

__all__ = [
    "ChangeOut",
    "PairOut",
    "RegradeIn",
    "RegradeOut",
    "RuleIn",
    "RuleOut",
    "SimilarityOut",
]


class RuleIn(BaseModel):
    """What a class may do in a lab."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    attempts: int | None = Field(default=None, ge=1, le=10_000, description="Most submissions; null: no limit.")
    counts: Literal["best", "last", "mean"] = Field(default="best", description="Which attempt counts.")
    opens_at: AwareDatetime | None = Field(default=None, description="First moment.")
    due_at: AwareDatetime | None = Field(default=None, description="Last moment that is not late.")
    closes_at: AwareDatetime | None = Field(default=None, description="Last moment at all.")
    deduction_per_day: float = Field(
        default=0, ge=0, le=1, description="Share of the points that each begun day after `due_at` costs."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        moments = [(name, getattr(self, name)) for name in ("opens_at", "due_at", "closes_at")]
        known = [(name, moment) for name, moment in moments if moment is not None]
        for (earlier, first), (later, second) in itertools.pairwise(known):
            if second < first:
                message = f"{later} = {second.isoformat()} must not be before {earlier} = {first.isoformat()}"
                raise ValueError(message)
        return self


class RuleOut(Out):
    """The rule that holds for a class in a lab."""

    class_name: str = Field(description="Whose rule it is; empty where the lab's own holds.")
    attempts: int | None
    counts: Literal["best", "last", "mean"]
    opens_at: datetime | None
    due_at: datetime | None
    closes_at: datetime | None
    deduction_per_day: float


class RegradeIn(BaseModel):
    """What to grade again."""

    model_config = ConfigDict(extra="forbid")

    lab: str = Field(min_length=1, max_length=100, description="Slug of the lab.")
    class_name: str | None = Field(default=None, min_length=1, max_length=255, description="Only of this class.")
    outcome_id: UUID | None = Field(default=None, description="Only this outcome.")
    reason: str = Field(min_length=1, max_length=2000, description="Why; it stands in every new outcome.")
    never_lower: bool = Field(default=True, description="Leave an outcome that would earn less as it is.")


class ChangeOut(Out):
    """What a regrade makes of one outcome."""

    outcome_id: UUID
    learner: str
    points_before: float
    points_after: float | None = Field(description="Null while it is simulated, or where that failed.")
    kept: bool = Field(description="Whether the outcome stays as it is.")
    failure: str | None
    new_outcome_id: UUID | None = Field(description="The outcome that superseded it.")


class RegradeOut(Out):
    """A regrade with every change that it makes."""

    id: UUID
    requested_by: str
    requested_at: datetime
    lab: str
    class_name: str | None
    reason: str
    never_lower: bool
    state: Literal["preview", "applied", "dropped"]
    applied_by: str | None
    applied_at: datetime | None
    pending: int = Field(description="Outcomes that are still to be simulated; it can be applied at 0.")
    changes: list[ChangeOut] = Field(description="The largest first.")


class PairOut(Out):
    """Two learners whose work is alike."""

    first: str
    second: str
    share: float = Field(description="From 0 to 1, how alike; 1 for equal decisions.")
    kind: Literal["policy", "decision"]


class SimilarityOut(Out):
    """Whose work in a class is alike, the most alike first."""

    items: list[PairOut]
