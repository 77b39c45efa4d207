"""Quotas and bookings: who may have how many sessions when, in a file that administrators edit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub_config.errors import PlanError

__all__ = ["Booking", "Limits", "Plan", "Quota", "plan_file", "read_plan"]

_Seats = Annotated[int, Field(ge=1, le=100_000)]


class _PlanModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Memory = Annotated[int, Field(ge=128, le=1024 * 1024)]
_Cores = Annotated[float, Field(gt=0, le=1024)]


@dataclass(frozen=True)
class Limits:
    """What one session may use.

    Attributes
    ----------
    memory_mib, cpu_cores
        Memory, without swap, and processor cores.
    """

    memory_mib: int
    cpu_cores: float


class Quota(_PlanModel):
    """What a class or a school may use at most."""

    sessions_most: _Seats | None = Field(default=None, description="Sessions at the same time.")
    memory_most_mib: _Memory | None = Field(default=None, description="Memory of all its sessions together.")
    cpu_most_cores: _Cores | None = Field(default=None, description="Processor cores of all its sessions together.")
    session_memory_mib: _Memory | None = Field(default=None, description="Memory of each of its sessions.")
    session_cpu_cores: _Cores | None = Field(default=None, description="Processor cores of each of its sessions.")
    images: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="Images with which its sessions may be started; unset: all there are."
    )
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

    def limits(self, groups: frozenset[str], standard: Limits) -> Limits:
        """Tell what a session of somebody in some groups may use: the least that one of them names, or the standard."""
        named = [self.quotas[group] for group in groups & self.quotas.keys()]
        memory = [each.session_memory_mib for each in named if each.session_memory_mib is not None]
        cores = [each.session_cpu_cores for each in named if each.session_cpu_cores is not None]
        return Limits(min(memory, default=standard.memory_mib), min(cores, default=standard.cpu_cores))

    def images(self, groups: frozenset[str], known: Iterable[str]) -> list[str]:
        """List the images with which somebody in some groups may start a session, in the order of those known."""
        lists = [self.quotas[group].images for group in groups & self.quotas.keys()]
        return [image for image in known if all(each is None or image in each for each in lists)]

    def closes_at(self, groups: frozenset[str], moment: datetime) -> datetime | None:
        """Tell when the sessions of somebody in some groups end: not after the moment where they should not run now.

        Parameters
        ----------
        groups
            Her groups.
        moment
            Now, aware, in the time zone of the hours.

        Returns
        -------
        datetime or None
            Today's closing time, or the moment itself outside the hours; None where no hours are set.
        """
        hours = [self.quotas[group] for group in groups & self.quotas.keys()]
        if not all(each.open_at(moment) for each in hours):
            return moment
        closing = [each.closes for each in hours if each.closes is not None]
        return datetime.combine(moment.date(), min(closing), moment.tzinfo) if closing else None

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
