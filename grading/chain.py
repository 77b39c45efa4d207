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
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["GENESIS", "Break", "breaks", "canonical", "row_hash", "verify"]

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
    """Return the hash that belongs to an outcome, over ``prev_hash`` and every other column but ``hash``.

    A column without a value takes no part, so that outcomes recorded before a column existed keep their hash. Where
    there is an account, a random number, it stands for the learner's name: her name can be erased, and the chain holds.
    """
    left_out = {"hash", "prev_hash", "learner" if row.get("account") else "hash"}
    content = {name: value for name, value in row.items() if name not in left_out and value is not None}
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


def breaks(rows: Iterable[Mapping[str, Any]], graded: Mapping[str, int] | None = None) -> Iterator[Break]:
    """Check the chains of outcomes and give the first break of every learner.

    Parameters
    ----------
    rows
        Outcomes with every column, each learner's in the order of recording; learners may be mixed.
    graded
        How many outcomes each learner should have (her graded submissions and regrades): a chain cut off at its end
        is whole in itself and shows only by this number.
    """
    last: dict[str, tuple[int, str]] = {}
    broken: set[str] = set()
    for row in rows:
        learner, seq = row["learner"], row["seq"]
        if learner in broken:
            continue
        before, hash_before = last.get(learner, (0, GENESIS))
        if found := _break(row, before, hash_before):
            broken.add(learner)
            yield found
            continue
        last[learner] = (seq, row["hash"])
    for learner, count in sorted((graded or {}).items()):
        recorded, _ = last.get(learner, (0, GENESIS))
        if recorded < count and learner not in broken:
            reason = f"outcome {recorded + 1} is missing: {count} should have been recorded"
            yield Break(learner, recorded + 1, None, reason)


def _break(row: Mapping[str, Any], before: int, hash_before: str) -> Break | None:
    learner, seq = row["learner"], row["seq"]
    if seq <= before:
        return Break(learner, seq, row["id"], f"outcome {seq} is out of order: it stands after outcome {before}")
    if seq > before + 1:
        return Break(learner, before + 1, None, f"outcome {before + 1} is missing before outcome {seq}")
    if row["prev_hash"] != hash_before:
        return Break(learner, seq, row["id"], f"outcome {seq} was changed: it does not continue outcome {before}")
    if row["hash"] != row_hash(row):
        return Break(learner, seq, row["id"], f"outcome {seq} was changed: its content does not give its hash")
    return None


def verify(rows: Iterable[Mapping[str, Any]], graded: Mapping[str, int] | None = None) -> Break | None:
    """Return the first break of all chains; None where every chain holds. Parameters as of `breaks`."""
    return next(breaks(rows, graded), None)
