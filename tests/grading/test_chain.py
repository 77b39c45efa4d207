from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.chain import GENESIS, canonical, row_hash, verify

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def chain(learner: str, length: int) -> list[dict[str, Any]]:
    rows, before = [], GENESIS
    for seq in range(1, length + 1):
        row: dict[str, Any] = {
            "id": UUID(int=seq),
            "learner": learner,
            "seq": seq,
            "points": 10.5 * seq,
            "criteria": [{"feedback": {"zh": "好"}}],
            "recorded_at": datetime(2026, 1, seq, tzinfo=UTC),
            "prev_hash": before,
        }
        row["hash"] = before = row_hash(row)
        rows.append(row)
    return rows


def test_whole_chains_hold() -> None:
    assert verify([*chain("li", 4), *chain("wang", 2)], {"li": 4, "wang": 2}) is None


@pytest.mark.parametrize("column", ["points", "learner", "criteria", "recorded_at", "id"])
def test_a_changed_column_is_named(column: str) -> None:
    rows = chain("li", 4)
    rows[2][column] = {
        "points": 100.0,
        "learner": "wang",
        "criteria": [],
        "recorded_at": datetime(2025, 1, 1, tzinfo=UTC),
        "id": UUID(int=99),
    }[column]
    found = verify(rows)
    assert found is not None
    assert found.seq in ({3} if column != "learner" else {1})  # under another name it is the first of that chain
    assert "changed" in found.reason or "missing" in found.reason


def test_a_rewritten_row_breaks_the_next_one() -> None:
    rows = chain("li", 3)
    rows[1]["points"] = 99.0
    rows[1]["hash"] = row_hash(rows[1])
    found = verify(rows)
    assert found is not None
    assert (found.seq, found.outcome_id) == (3, UUID(int=3))


def test_a_removed_row_is_named() -> None:
    rows = chain("li", 4)
    found = verify([rows[0], rows[2], rows[3]])
    assert found is not None
    assert (found.seq, found.outcome_id) == (2, None)
    assert "missing" in found.reason


def test_a_removed_end_shows_by_the_number_of_graded_submissions() -> None:
    rows = chain("li", 4)
    assert verify(rows[:3]) is None
    found = verify(rows[:3], {"li": 4})
    assert found is not None
    assert (found.learner, found.seq) == ("li", 4)
    gone = verify([], {"li": 1})
    assert gone is not None
    assert gone.seq == 1


def test_reordered_rows_are_named() -> None:
    rows = chain("li", 3)
    found = verify([rows[0], rows[2], rows[1]])
    assert found is not None
    twice = verify([rows[0], rows[0]])
    assert twice is not None
    assert "order" in twice.reason


@given(JSON)
def test_canonical_is_the_same_after_a_round_trip(value: Any) -> None:
    import json

    assert canonical(json.loads(canonical(value))) == canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_canonical_refuses_what_json_does_not_know(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical(value)


def test_canonical_refuses_other_types() -> None:
    with pytest.raises(TypeError, match="set"):
        canonical({1, 2})
