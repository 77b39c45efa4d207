"""What can go wrong in a simulator.

::

    SimulatorError
    ├── DocumentError         a file cannot be read as the model it should hold
    ├── UnknownKindError      a scenario names a kind that no simulator serves
    ├── UnknownEngineError    a simulator has no engine of that name
    ├── UnknownKpiError       a study holds no KPI of that name
    ├── CheckpointError       a checkpoint file cannot be used for this study
    ├── ClusterError          a cluster of workers does not answer, or runs other code than we do
    └── WorkerLostError       a piece of work killed its worker again and again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CheckpointError",
    "ClusterError",
    "DocumentError",
    "Problem",
    "SimulatorError",
    "UnknownEngineError",
    "UnknownKindError",
    "UnknownKpiError",
    "WorkerLostError",
]


class SimulatorError(Exception):
    """Root of everything that the simulators raise on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as text and attributes: an ``__init__`` of other arguments is not called again."""
        return _revive, (type(self), self.args, self.__dict__)


def _revive(kind: type[SimulatorError], args: tuple[object, ...], attributes: dict[str, Any]) -> SimulatorError:
    error = kind.__new__(kind, *args)
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
