"""What can go wrong in the grading service.

::

    GradingError
    ├── SecretError               the file with the held-out secret cannot be used
    ├── IdempotencyConflictError  one key, two different submissions
    ├── LeaseLostError            another worker has taken the submission over
    ├── AssessmentError           a submission cannot be graded; retrying it may or may not help
    └── HubUnavailableError       JupyterHub does not answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

__all__ = [
    "AssessmentError",
    "GradingError",
    "HubUnavailableError",
    "IdempotencyConflictError",
    "LeaseLostError",
    "SecretError",
]


class GradingError(Exception):
    """Root of everything that the grading service raises on purpose."""


class SecretError(GradingError):
    """The file with the held-out secret is missing or malformed."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"SHIXUN_GRADING_SECRET_FILE = {path} {reason}; write at least 32 random bytes there as "
            "hexadecimal digits, readable by its owner only"
        )


class IdempotencyConflictError(GradingError):
    """The learner has used this idempotency key for a different submission."""

    def __init__(self, key: str, submission_id: UUID) -> None:
        self.submission_id = submission_id
        super().__init__(
            f"Idempotency-Key = {key!r} already names submission {submission_id}, which holds another lab or "
            "decision; send a new key with a new submission"
        )


class LeaseLostError(GradingError):
    """The lease of a submission ran out and another worker holds it now."""

    def __init__(self, submission_id: UUID, owner: str) -> None:
        super().__init__(f"submission {submission_id} is no longer leased to {owner}")


class AssessmentError(GradingError):
    """A submission could not be graded.

    Parameters
    ----------
    reason
        Plain words for the learner and the instructor.
    final
        True where another try would end the same way.
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(reason)


class HubUnavailableError(GradingError):
    """JupyterHub did not answer, or answered with an error of its own."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"JupyterHub at {url} does not answer: {reason}")
