"""Key performance indicators: a number and its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from simulators.journal import Journal

__all__ = ["Kpi", "Meter"]


@dataclass(frozen=True)
class Kpi:
    """One measured figure of one run.

    Parameters
    ----------
    value
        The figure; NaN where the run gives none (no part left the line, so there is no lead time).
    unit
        Its unit: ``1/h``, ``s``, ``parts``, or ``1`` for a ratio.
    """

    value: float
    unit: str


class Meter(Protocol):
    """Measures one run while its events come in, in memory that does not grow with them."""

    def add(self, piece: Journal) -> None:
        """Count the next events; the columns belong to the caller, who writes over them afterwards."""

    def kpis(self) -> dict[str, Kpi]:
        """Return the figures of the whole run, all events having been added."""
