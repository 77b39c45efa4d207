"""What can go wrong in a simulator.

::

    SimulatorError
    ├── DocumentError         a file cannot be read as the model it should hold
    ├── UnknownKindError      a scenario names a kind that no simulator serves
    ├── UnknownEngineError    a simulator has no engine of that name
    ├── EngineLimitError      an engine cannot run a feature of the scenario
    ├── UnknownPolicyError    a simulator has no decision point of that name
    ├── PolicyError           a policy raised an exception, answered what cannot be carried out, or cannot be sent
    ├── CommandError          a command cannot be carried out: it names what is not there, or it is not the time for it
    ├── DeadlockError         nothing in the plant can move any more
    ├── MemoryLimitError      the journal of a run outgrows the memory given
    ├── NoJournalError        a run did not keep its journal
    ├── UnknownKpiError       a study holds no KPI of that name
    ├── CheckpointError       a checkpoint file cannot be used for this study
    ├── ClusterError          a cluster of workers does not answer, or runs other code than we do
    └── WorkerLostError       a piece of work killed its worker again and again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CheckpointError",
    "ClusterError",
    "CommandError",
    "DeadlockError",
    "DocumentError",
    "EngineLimitError",
    "MemoryLimitError",
    "NoJournalError",
    "PolicyError",
    "Problem",
    "SimulatorError",
    "UnknownEngineError",
    "UnknownKindError",
    "UnknownKpiError",
    "UnknownPolicyError",
    "WorkerLostError",
]


class SimulatorError(Exception):
    """Root of everything that the simulators raise on purpose.

    Attributes
    ----------
    message
        What is wrong and what to do.
    """

    def __init__(self, message: str) -> None:
        # The arguments stay those that the error was made of: SimPy makes an error anew from them when it leaves a
        # process.
        self.message = message

    def __str__(self) -> str:
        """Return the message."""
        return self.message

    def __repr__(self) -> str:
        """Return kind and message."""
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as attributes: arguments may be what cannot travel."""
        return _revive, (type(self), self.__dict__)


def _revive(kind: type[SimulatorError], attributes: dict[str, Any]) -> SimulatorError:
    error = BaseException.__new__(kind)  # the own one of a kind that is a MemoryError, too, refuses
    error.__dict__.update(attributes)
    return error


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document.

    Parameters
    ----------
    file
        Name of the file.
    line
        Line in it, from 1; 0 where the document did not come from a text.
    field
        Dotted path of the field, such as ``stations.2.service.mean_s``.
    value
        The offending value as written, shortened.
    message
        What is wrong and which bound or choice holds.
    """

    file: str
    line: int
    field: str
    value: str
    message: str

    def __str__(self) -> str:
        """Return ``file:line: field = value: message``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f"{self.field} = {self.value}" if self.value else self.field
        return f"{place}: {subject}: {self.message}" if subject else f"{place}: {self.message}"


class DocumentError(SimulatorError, ValueError):
    """A document is malformed; ``problems`` names every place, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownKindError(SimulatorError, LookupError):
    """A scenario's ``kind`` is not one of ours."""

    def __init__(self, kind: object, known: Iterable[str]) -> None:
        super().__init__(f"kind = {kind!r} is not a simulator; choose one of: {', '.join(sorted(known))}")


class UnknownEngineError(SimulatorError, LookupError):
    """The simulator has no engine of that name."""

    def __init__(self, engine: str, kind: str, known: Iterable[str]) -> None:
        super().__init__(f"engine = {engine!r} cannot run {kind}; choose one of: {', '.join(sorted(known))}")


class EngineLimitError(SimulatorError):
    """The engine cannot run a feature of the scenario; another can."""

    def __init__(self, engine: str, kind: str, feature: str) -> None:
        super().__init__(
            f"engine = {engine!r} cannot run {kind} with {feature}; use engine = 'simpy', or 'auto', which picks it"
        )


class UnknownPolicyError(SimulatorError, LookupError):
    """The simulator asks no policy of that name."""

    def __init__(self, point: str, kind: str, known: Iterable[str]) -> None:
        points = ", ".join(known)
        choice = f"choose one of: {points}" if points else "it asks none"
        super().__init__(f"policy {point!r} is not a decision of {kind}; {choice}")


class PolicyError(SimulatorError):
    """A policy raised an exception, answered what cannot be carried out, or cannot be sent to the workers.

    Attributes
    ----------
    point
        The decision point.
    file, line
        Where in the policy; an empty name and 0 where that cannot be told.
    """

    def __init__(self, point: str, file: str, line: int, message: str) -> None:
        self.point = point
        self.file = file
        self.line = line
        place = f", {file}, line {line}" if file else ""
        super().__init__(f"policy {point!r}{place}: {message}")


Fault = Literal["type", "value", "state"]
"""What is wrong with a command."""


class CommandError(SimulatorError, ValueError):
    """A command cannot be carried out; the plant is as it was.

    Attributes
    ----------
    field, value
        Which part of the command is wrong.
    fault
        ``type``: the value is of another type; ``value``: it is out of bounds or names what is not there; ``state``:
        the command is sound, but the plant is not in the state for it.
    """

    def __init__(self, field: str, value: object, message: str, fault: Fault = "value") -> None:
        self.field = field
        self.value = value
        self.fault = fault
        super().__init__(f"{field} = {value!r}: {message}")


class DeadlockError(SimulatorError):
    """Nothing in the plant can move any more.

    Attributes
    ----------
    time_s
        When.
    cycle
        Names of the places that wait for one another, each for the next and the last for the first.
    """

    def __init__(self, time_s: float, cycle: Iterable[str], advice: str) -> None:
        self.time_s = time_s
        self.cycle = tuple(cycle)
        ring = " → ".join((*self.cycle, self.cycle[0]))
        super().__init__(f"deadlock at {time_s:g} s: {ring} wait for one another; {advice}")


class MemoryLimitError(SimulatorError, MemoryError):
    """The journal of a run outgrows the memory given."""

    def __init__(self, memory_bytes: int, events: int, time_s: float) -> None:
        super().__init__(
            f"memory_bytes = {memory_bytes:,} is full after {events:,} events, at {time_s:,.0f} s of simulated time; "
            "give more, shorten horizon_s, or run with journal=False, which keeps the KPIs only"
        )


class NoJournalError(SimulatorError):
    """A run did not keep its journal."""

    def __init__(self) -> None:
        super().__init__("this run kept no journal; run it with journal=True")


class UnknownKpiError(SimulatorError, LookupError):
    """The run or study holds no KPI of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"KPI {name!r} is not measured here; choose one of: {', '.join(known)}")


class CheckpointError(SimulatorError):
    """A checkpoint file cannot be used for this study: it is another study's, damaged, in use, or not to be had."""


class ClusterError(SimulatorError):
    """A cluster of workers does not answer, or its workers run other code than we do."""


class WorkerLostError(SimulatorError):
    """A piece of work killed its worker again and again; running it once more would not help."""
