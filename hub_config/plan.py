"""Quotas and bookings: who may have how many sessions when, in a file that administrators edit."""

from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub_config.errors import PlanError

__all__ = ["Booking", "Plan", "Quota", "plan_file", "read_plan"]

_Seats = Annotated[int, Field(ge=1, le=100_000)]


class _PlanModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quota(_PlanModel):
    """What a class or a school may use at most."""

    sessions_most: _Seats | None = Field(default=None, description="Sessions at the same time.")
    opens: time | None = Field(default=None, description="Local time of day from which sessions may be started.")
    closes: time | None = Field(default=None, description="Local time of day from which they may not.")

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        if (self.opens is None) != (self.closes is None):
            msg = "opens and closes go together: name both or neither"
            raise ValueError(msg)
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            msg = f"opens={self.opens:%H:%M} must be earlier than closes={self.closes:%H:%M}"
            raise ValueError(msg)
        return self

    def open_at(self, moment: datetime) -> bool:
        """Tell whether sessions may be started at a moment of local time."""
        return self.opens is None or self.closes is None or self.opens <= moment.time() < self.closes


class Booking(_PlanModel):
    """Seats that are kept for a class during a time slot."""

    group: str = Field(min_length=1, description="The class's JupyterHub group.")
    seats: _Seats
    begins: AwareDatetime
    ends: AwareDatetime

    @model_validator(mode="after")
    def _slot_in_order(self) -> Self:
        if self.begins >= self.ends:
            msg = f"begins={self.begins.isoformat()} must be earlier than ends={self.ends.isoformat()}"
            raise ValueError(msg)
        return self


class Plan(_PlanModel):
    """All quotas and bookings.

    Examples
    --------
    >>> Plan.model_validate({"quotas": {"class-1": {"sessions_most": 40}}}).quotas["class-1"].sessions_most
    40
    """

    quotas: dict[str, Quota] = Field(default_factory=dict, description="By the group of a class or a school.")
    bookings: tuple[Booking, ...] = ()

    def booked_at(self, moment: datetime) -> tuple[Booking, ...]:
        """List the bookings in force at a moment."""
        return tuple(each for each in self.bookings if each.begins <= moment < each.ends)


def plan_file(data_dir: Path) -> Path:
    """Name the file of quotas and bookings in a data folder."""
    return data_dir / "plan.yaml"


def read_plan(path: Path) -> Plan:
    """Read a plan; a missing file is a plan without quotas and bookings.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Plan
        The plan.

    Raises
    ------
    PlanError
        When it is malformed; the message names the place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Plan()
    try:
        return Plan.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        msg = f"{path}: not YAML: {error}"
        raise PlanError(msg) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors()]
        msg = f"{path}: {'; '.join(faults)}; correct it"
        raise PlanError(msg) from None
