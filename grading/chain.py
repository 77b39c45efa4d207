"""The hash chain that makes a changed, removed or re-ordered outcome show.

Every outcome carries the hash of the outcome before it of the same learner, and its own hash over that and all of
its columns. Whoever rewrites one row has to rewrite every later row of that learner too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["GENESIS", "Break", "canonical", "row_hash", "verify"]

GENESIS = "0" * 64
"""What stands before a learner's first outcome."""


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    message = f"{type(value).__name__} has no canonical JSON form"
    raise TypeError(message)


def canonical(value: object) -> str:
    """Return the one JSON text of ``value``: keys sorted, no blanks, ASCII only.

    Raises
    ------
    ValueError
        Where the value holds NaN or an infinity, which JSON does not know.

    Examples
    --------
    >>> canonical({"b": 1, "a": [True, 0.1]})
    '{"a":[true,0.1],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the hash that belongs to an outcome, over ``prev_hash`` and every other column but ``hash``."""
    content = {name: value for name, value in row.items() if name not in {"hash", "prev_hash"}}
    return hashlib.sha256(f"{row['prev_hash']}{canonical(content)}".encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold.

    Parameters
    ----------
    learner
        Whose chain it is.
    seq
        Number of the outcome in that chain, from 1.
    outcome_id
        The outcome found there; None where it is missing.
    reason
        ``changed``, ``missing`` or ``out of order``, in a sentence.
    """

    learner: str
    seq: int
    outcome_id: UUID | None
    reason: str


def verify(rows: Iterable[Mapping[str, Any]], graded: Mapping[str, int] | None = None) -> Break | None:
    """Check the chains of outcomes and name the first break.

    Parameters
    ----------
    rows
        Outcomes with every column, each learner's in the order of recording; learners may be mixed.
    graded
        How many outcomes each learner should have (her graded submissions): a chain cut off at its end
        is whole in itself and shows only by this number.

    Returns
    -------
    Break or None
        None where every chain holds.
    """
    last: dict[str, tuple[int, str]] = {}
    for row in rows:
        learner, seq = row["learner"], row["seq"]
        before, hash_before = last.get(learner, (0, GENESIS))
        if seq <= before:
            return Break(learner, seq, row["id"], f"outcome {seq} is out of order: it stands after outcome {before}")
        if seq > before + 1:
            return Break(learner, before + 1, None, f"outcome {before + 1} is missing before outcome {seq}")
        if row["prev_hash"] != hash_before:
            return Break(learner, seq, row["id"], f"outcome {seq} was changed: it does not continue outcome {before}")
        if row["hash"] != row_hash(row):
            return Break(learner, seq, row["id"], f"outcome {seq} was changed: its content does not give its hash")
        last[learner] = (seq, row["hash"])
    for learner, count in sorted((graded or {}).items()):
        found, _ = last.get(learner, (0, GENESIS))
        if found < count:
            return Break(learner, found + 1, None, f"outcome {found + 1} is missing: {count} submissions were graded")
    return None
