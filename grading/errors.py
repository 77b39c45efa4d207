"""What can go wrong in the grading service.

::

    GradingError
    ├── SecretError               the file with the held-out secret cannot be used
    ├── IdempotencyConflictError  one key, two different submissions
    ├── NotAdmittedError          the rules of the class do not allow the submission: early, late or too often
    ├── TooManyWaitingError       too many submissions of one learner wait already
    ├── LeaseLostError            another worker has taken the submission over
    ├── RegradeError              a regrade cannot be made or applied
    ├── SandboxStartError         the child process of a worker does not come up; no submission is to blame
    ├── AssessmentError           a submission cannot be graded; retrying it may or may not help
    └── HubUnavailableError       JupyterHub does not answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Literal
    from uuid import UUID

__all__ = [
    "AssessmentError",
    "GradingError",
    "HubUnavailableError",
    "IdempotencyConflictError",
    "LeaseLostError",
    "NotAdmittedError",
    "RegradeError",
    "SandboxStartError",
    "SecretError",
    "TooManyWaitingError",
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


class NotAdmittedError(GradingError):
    """The rules of a class do not allow a submission.

    Parameters
    ----------
    bound
        The moment or the number that it breaks.
    kind
        ``not-open``, ``closed`` or ``attempts-used``.
    """

    def __init__(self, bound: datetime | int, *, kind: Literal["not-open", "closed", "attempts-used"]) -> None:
        self.kind = kind
        self.bound = bound
        wording = {
            "not-open": f"opens_at = {bound}: the lab is not open yet",
            "closed": f"closes_at = {bound}: the lab takes no submissions any more",
            "attempts-used": f"attempts = {bound}: all of them are used",
        }
        super().__init__(wording[kind])


class TooManyWaitingError(GradingError):
    """Too many submissions of one learner wait."""

    def __init__(self, learner: str, waiting: int, limit: int) -> None:
        self.limit = limit
        super().__init__(f"{waiting} submissions of {learner} wait, the bound is {limit}; wait for their outcomes")


class RegradeError(GradingError):
    """A regrade cannot be made, or not be applied as it stands."""


class LeaseLostError(GradingError):
    """The lease of a submission ran out and another worker holds it now."""

    def __init__(self, submission_id: UUID, owner: str) -> None:
        super().__init__(f"submission {submission_id} is no longer leased to {owner}")


class SandboxStartError(GradingError):
    """The child process in which a worker simulates did not come up."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(
            f"the process that simulates did not come up (exit code {exit_code}); see its message in the worker's log"
        )


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
