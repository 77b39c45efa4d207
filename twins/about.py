"""What a page tells about a run besides its scene."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from simulators import Text
    from twins.diary import Diary

__all__ = ["About", "Plotted"]


class Plotted(Protocol):
    """A figure of a plant over time."""

    @property
    def name(self) -> Text:
        """What it is called."""

    @property
    def unit(self) -> str:
        """Its unit, ``1`` for a ratio."""

    @property
    def time_s(self) -> NDArray[np.float64]:
        """``(N,)`` seconds from the window's start, increasing."""

    @property
    def value(self) -> NDArray[np.float64]:
        """``(N,)`` values."""


@dataclass(frozen=True, eq=False)
class About:
    """Words and figures beside a scene.

    Parameters
    ----------
    notes
        HTML that stands below: legend, table.
    facts
        By the names of targets: what is known of them, as pairs of a name and a figure with its unit.
    diary
        What happened where.
    series
        What is plotted over the window.
    plan
        Draws the plan at a simulated time in seconds, in a language, as SVG; None where there is none.
    """

    notes: Text | None = None
    facts: Mapping[str, tuple[tuple[Text, Text], ...]] = field(default_factory=dict)
    diary: Diary | None = None
    series: tuple[Plotted, ...] = ()
    plan: Callable[[float, str], str] | None = None
