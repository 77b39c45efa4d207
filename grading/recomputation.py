"""Computing an outcome again, from the archived lab, the held-out seed and the decision, and comparing the bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grading.archive import Archive
from grading.assessment import Assessor
from grading.chain import canonical, row_hash
from grading.errors import GradingError
from grading.outcomes import content

if TYPE_CHECKING:
    from grading.database import Database
    from grading.outcomes import Outcome
    from grading.seeds import HeldOutSeeds

__all__ = ["Recomputation", "RecomputationError", "recompute"]


class RecomputationError(GradingError):
    """An outcome cannot be computed again here."""


@dataclass(frozen=True)
class Recomputation:
    """An outcome, and what computing it again gave.

    Parameters
    ----------
    recorded, computed
        Canonical JSON of everything that grading decides: as recorded, and as computed now.
    engine_recorded, engine_now
        Engines and versions of their code.
    hash_holds
        Whether the outcome's own hash fits its content.
    """

    recorded: str
    computed: str
    engine_recorded: str
    engine_now: str
    hash_holds: bool

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return self.recorded == self.computed

    @property
    def sha256(self) -> str:
        """Digest of what was computed."""
        return hashlib.sha256(self.computed.encode()).hexdigest()


def recompute(database: Database, seeds: HeldOutSeeds, outcome: Outcome) -> Recomputation:
    """Simulate and score an outcome's decision again.

    Raises
    ------
    RecomputationError
        Where this form of the lab was never archived, or the secret is another one.
    """
    committed = seeds.commitment(outcome.lab_digest)
    if committed != outcome.seed_commitment:
        message = (
            f"seed_commitment = {outcome.seed_commitment} is not that of this secret ({committed}); "
            "use the SHIXUN_GRADING_SECRET_FILE with which it was graded"
        )
        raise RecomputationError(message)
    with Archive(database).unpacked(outcome.lab_digest, outcome.rubric_digest) as catalog:
        if catalog is None:
            message = f"lab_digest = {outcome.lab_digest}: the files of this form of {outcome.lab} are not archived"
            raise RecomputationError(message)
        assessment, _ = Assessor(catalog, seeds).assess(outcome.lab, outcome.decision)
    computed = content(assessment, outcome.late_factor)
    # Another version of the code may well give the same figures; which it was is told beside them.
    engine_now = computed.pop("engine_version")
    recorded = {name: getattr(outcome, name) for name in computed}
    return Recomputation(
        canonical(recorded),
        canonical(computed),
        outcome.engine_version,
        engine_now,
        outcome.hash == row_hash(vars(outcome)),
    )
