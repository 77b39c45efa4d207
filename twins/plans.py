"""Draws the plan of a plant at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twins.cluster_plan import cluster_plan
from twins.errors import NoChartError
from twins.garden_crowding import crowding
from twins.line_plan import line_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Run
    from twins.picture import Picture

__all__ = ["PLANS", "plan"]

PLANS: dict[str, Callable[..., Picture]] = {
    "compute_cluster": cluster_plan,
    "heritage_garden": crowding,
    "production_line": line_plan,
}
"""For every kind of scenario, what draws its plan at a moment."""


def plan(run: Run, time_s: float, *, language: str = "zh") -> Picture:
    """Draw the plan of a plant as it is at a moment of a run.

    Parameters
    ----------
    run
        From :func:`simulators.simulate`, with its journal.
    time_s
        The moment, simulated seconds from 0 to before the horizon.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays when it is the last thing in a cell.

    Raises
    ------
    NoChartError
        There are no plans of such runs.
    MomentError
        The moment is not in the run.

    Examples
    --------
    >>> from simulators import simulate
    >>> from simulators.production_line import example
    >>> plan(simulate(example(), seed=1), 600.0, language="en").title
    'The line at 0:10:00'
    """
    if run.scenario.kind not in PLANS:
        raise NoChartError(run.scenario.kind, PLANS)
    return PLANS[run.scenario.kind](run, time_s, language=language)
