"""What colours mean in the scene and on the plan of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.cluster_rows import Condition

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CONDITION_COLORS", "LOAD_COLORS", "USER_COLORS", "number_of", "user_colors"]

LOAD_COLORS = ("#2fa3a0", "#7cb342", "#f2b632", "#f0701f")
"""Of the bar on a node that is used up to a quarter, a half, three quarters, and more; the bar is as long, too."""

CONDITION_COLORS = {
    Condition.DOWN: "#e0263d",
    Condition.DRAINED: "#9a5cf6",
    Condition.WAKING: "#4fb3ff",
    Condition.ASLEEP: "#25365c",
}
"""Of the plate over a node that takes no jobs; it blinks where the node is down."""

USER_COLORS = (
    "#2f6f9f", "#c8702a", "#4c8b4a", "#8a5aa3", "#b3434b", "#5b7f8f", "#a58a2b", "#3d8f86", "#c05b8f", "#66707a",
)  # fmt: skip
"""Of jobs, by the number of their user; the same as in the chart of nodes and time."""


def number_of(color: str) -> int:
    """Return 0xRRGGBB of ``#rrggbb``."""
    return int(color.removeprefix("#"), 16)


def user_colors(user: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(N,)`` colours of users, by their numbers, as 0xRRGGBB."""
    colors: NDArray[np.int64] = np.array([number_of(color) for color in USER_COLORS])[user % len(USER_COLORS)]
    return colors
