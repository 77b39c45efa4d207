"""Sequential sampling: a decision is simulated until its points are as sure as the lab promises."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from labs import score
from simulators import Study, replicate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from labs import Rubric
    from simulators import Executor, Scenario

__all__ = ["Progress", "extended", "planned", "sample"]

_LEAST_GROWTH, _MOST_GROWTH = 1.25, 4.0


@dataclass(frozen=True)
class Progress:
    """How far the simulation of a decision is.

    Parameters
    ----------
    replications
        So many are done.
    planned
        With so many the stage at work is done.
    most
        There are at most so many.
    half_width_95
        Half the 95 % interval of the points as the stages before have it; None in the first stage.
    tolerance_points
        Half the 95 % interval that the points may have; None where there is but one stage.
    """

    replications: int
    planned: int
    most: int
    half_width_95: float | None = None
    tolerance_points: float | None = None


def planned(rubric: Rubric, half_width: float, tolerance: float, replications: int) -> int:
    """Return how many replications the next stage has: what the last one makes us expect, within bounds.

    Examples
    --------
    >>> from labs import Catalog
    >>> planned(Catalog().rubric("pcb-bottleneck"), half_width=10, tolerance=5, replications=20)
    80
    """
    expected = 1.05 * replications * (half_width / tolerance) ** 2
    bounded = min(max(expected, _LEAST_GROWTH * replications), _MOST_GROWTH * replications)
    return min(rubric.cap, math.ceil(bounded))


def sample(rubric: Rubric, tolerance: float | None, study_of: Callable[[int, float | None], Study]) -> Study:
    """Return the study of a decision, with as many replications as its score needs.

    The stages depend on the figures alone, so the same decision always ends with the same replications, whether some
    of them were already at hand or not.

    Parameters
    ----------
    rubric
        Gives the first number of replications and the most.
    tolerance
        Half the 95 % interval that the points may have; None for no sampling beyond the first number.
    study_of
        Gives the study of the first ``n`` replications; told how sure the points are so far.
    """
    study = study_of(rubric.replications, None)
    while tolerance is not None and study.replications < rubric.cap:
        half_width = score(rubric, study).half_width_95
        if half_width is None or half_width <= tolerance:
            break
        study = study_of(planned(rubric, half_width, tolerance, study.replications), half_width)
    return study


def extended(
    scenario: Scenario,
    seed: int,
    known: Study | None,
    replications: int,
    policies: Mapping[str, Callable[..., object]] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    executor: Executor | None = None,
) -> Study:
    """Return the study of the first ``n`` replications, simulating only those that are not known yet."""
    first = 0 if known is None else min(known.replications, replications)
    if first == replications and known is not None:
        progress(replications)
        return replace(known, values=known.values[:replications])

    def tell(done: int, _: int) -> None:
        progress(first + done)

    if known is None:
        return replicate(
            scenario, replications=replications, seed=seed, policies=policies, progress=tell, executor=executor
        )
    more = replicate(
        scenario,
        replications=replications - first,
        first=first,
        seed=seed,
        engine=known.engine,
        policies=policies,
        progress=tell,
        executor=executor,
    )
    return replace(known, values=np.concatenate([known.values, more.values]))
