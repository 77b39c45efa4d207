"""A function written in a notebook, as a module that can be graded elsewhere."""

from __future__ import annotations

import math
from math import floor as down
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from labs import Catalog, DecisionError
from labs.policy_source import functions_of, source_of

if TYPE_CHECKING:
    from collections.abc import Callable

LAB = Catalog().lab("batch-scheduling")
FACTOR = 3
TABLE = {"short": [1, 2], "long": (4.5, None)}
HANDLE = object()


def half(value: float) -> float:
    return value / 2


def schedule(queue: tuple[float, ...], cluster: object, now_s: float, start: int = FACTOR) -> int:
    """Use whatever a notebook may hold."""
    weight = max(half(each) for each in queue)
    return down(math.sqrt(weight)) + start + len(TABLE["long"])


def with_numpy(queue: Any, cluster: Any, now_s: Any) -> Any:
    return np.argmax(queue)


def with_handle(queue: Any, cluster: Any, now_s: Any) -> Any:
    return HANDLE


def nested() -> Callable[..., object]:
    bound = 2

    def inner(queue: Any, cluster: Any, now_s: Any) -> int:
        return bound

    return inner


def test_what_a_function_needs_travels_with_it() -> None:
    source = source_of(schedule, LAB)
    assert "np" not in source
    assert functions_of(source, LAB)["schedule"]((8.0, 32.0), None, 0.0) == schedule((8.0, 32.0), None, 0.0) == 9


def test_a_function_of_any_name_may_decide() -> None:
    source = source_of({"schedule": half}, LAB)
    assert functions_of(source, LAB)["schedule"](8) == 4
    LAB.complete({"policy": source})


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (lambda queue, cluster, now_s: 0, "with def"),
        (nested(), "inside another function"),
        (with_numpy, "no module numpy"),
        (with_handle, "with_handle uses HANDLE"),
        (7, r"def schedule\(queue, cluster, now_s\)"),
        ("def decide(): pass", r"Missing: def schedule\(queue, cluster, now_s\)"),
        ("def schedule(:", "Line 1"),
    ],
)
def test_what_cannot_be_graded_is_told_before_it_is_sent(policy: object, told: str) -> None:
    with pytest.raises(DecisionError, match=told):
        LAB.complete({"policy": source_of(policy, LAB)})


def test_this_lab_takes_a_decision_alone_as_well() -> None:
    assert "policy" not in LAB.complete({"nodes": 1})
