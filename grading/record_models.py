"""What the API of records and school offices takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

from grading.models import Out, TextOut

__all__ = [
    "AttainmentOut",
    "AuditIn",
    "AuditList",
    "AuditOut",
    "ClassTranscriptsOut",
    "EnrolmentOut",
    "EntryOut",
    "ErasureOut",
    "LabLineOut",
    "RosterOut",
    "SchoolIn",
    "SchoolList",
    "SchoolOut",
    "SchoolRef",
    "TraceOut",
    "TranscriptOut",
]


class SchoolIn(BaseModel):
    """How a school counts."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    title: str = Field(min_length=1, max_length=255, description="What people call it.")
    hours_per_credit: float = Field(default=16, gt=0, le=1000, description="Class hours that make one credit.")
    pass_share: float = Field(
        default=0.6, gt=0, le=1, description="Share of a lab's points from which its hours count."
    )


class SchoolOut(Out):
    """A school."""

    name: str = Field(description="Name of its JupyterHub group.")
    title: str
    hours_per_credit: float
    pass_share: float


class SchoolList(Out):
    """Schools, by name."""

    items: list[SchoolOut]


class EnrolmentOut(Out):
    """A learner in a class."""

    class_name: str
    learner: str
    student_number: str
    full_name: str


class RosterOut(Out):
    """Who is enrolled."""

    school: str
    classes: list[str]
    items: list[EnrolmentOut]


class AuditOut(Out):
    """One privileged act."""

    id: UUID
    at: datetime
    who: str
    act: str
    target: str
    details: dict[str, Any]


class AuditIn(BaseModel):
    """A privileged act that was done for a school at the hub."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["accounts.import", "accounts.invite"]
    target: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Name of the school.")
    details: dict[Annotated[str, Field(max_length=40)], NonNegativeInt] = Field(default={}, max_length=10)


class AuditList(Out):
    """Privileged acts, newest first."""

    items: list[AuditOut]
    limit: int
    offset: int


class SchoolRef(Out):
    """A school by name."""

    name: str = Field(description="Empty where the learner is enrolled in none.")
    title: str


class LabLineOut(Out):
    """What counts of a learner's attempts in one lab."""

    lab: str
    attempts: int = Field(description="How many were graded.")
    points: float = Field(description="What counts by the class's rule.")
    maximum: float
    hours_h: float = Field(description="Class hours that it is worth.")
    outcome_id: UUID = Field(description="The outcome that counts; for the mean the newest.")


class AttainmentOut(Out):
    """A competency and how far a learner is."""

    framework: str
    code: str
    title: TextOut
    attained: bool
    share: float = Field(description="What was reached of what is needed, from 0 to 1.")
    outcome_ids: list[UUID] = Field(description="The outcomes that show it.")


class EntryOut(Out):
    """One standing outcome."""

    id: UUID
    seq: int
    lab: str
    lab_version: str
    points: float
    maximum: float
    recorded_at: datetime
    hash: str


class TranscriptOut(Out):
    """What a learning account says of one learner."""

    learner: str
    full_name: str
    school: SchoolRef
    hours_h: float = Field(description="Class hours in all.")
    credits: float = Field(description="By the school's rule, down to a tenth.")
    labs: list[LabLineOut]
    competencies: list[AttainmentOut]
    outcomes: list[EntryOut] = Field(description="Newest first; what a regrade superseded is left out.")


class ClassTranscriptsOut(Out):
    """The transcripts of a class's members."""

    class_name: str
    items: list[TranscriptOut]


class ErasureOut(Out):
    """What stands in the place of an erased name."""

    accounts: list[str]


class TraceOut(Out):
    """Everything that an outcome rests on."""

    outcome_id: UUID
    submission_id: UUID
    submitted_at: datetime
    decision_submitted: dict[str, Any]
    lab: str
    lab_version: str
    lab_digest: str
    engine_version: str
    rubric_digest: str
    replications: int
    seed_commitment: str = Field(description="Published with the lab before anything was graded.")
    seed: str = Field(description="32 bytes in hexadecimal digits; their sha256 is the commitment.")
    hash: str
