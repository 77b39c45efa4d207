"""What can go wrong with labs.

::

    LabError
    ├── UnknownLabError     no lab of that name is in the catalogue
    ├── DecisionError       a decision does not fit the lab's levers or budget
    ├── SubmissionError     the grading service refused a submission for good
    └── SessionError        this is not a student's session, so there is nobody to submit for
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulators import Text

__all__ = ["DecisionError", "FieldError", "LabError", "SessionError", "SubmissionError", "UnknownLabError"]


class LabError(Exception):
    """Root of everything that labs raise on purpose."""


class UnknownLabError(LabError, LookupError):
    """The catalogue has no lab of that name."""

    def __init__(self, slug: str, known: Iterable[str]) -> None:
        self.slug = slug
        super().__init__(f"lab {slug!r} is not in the catalogue; it holds: {', '.join(sorted(known)) or 'no lab'}")


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with a decision.

    Parameters
    ----------
    field
        Name of the lever, or ``decision`` for the whole.
    value
        What was given, shortened.
    bound
        What would have been right.
    message
        Both, as a sentence for people.
    """

    field: str
    value: str
    bound: str
    message: Text


class DecisionError(LabError, ValueError):
    """A decision does not fit; ``errors`` names every field, not just the first."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(f"{e.message.zh}\n{e.message.en}" for e in self.errors))


class SubmissionError(LabError):
    """The grading service refused a submission, and would refuse it again."""


class SessionError(LabError, RuntimeError):
    """Needs a session that the hub has started."""
