"""Replications by number, as the procedures that choose the best of several scenarios ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulators.replication import replicate
from simulators.simulation import AUTO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor as PlainExecutor

    import numpy as np
    from numpy.typing import NDArray

    from simulators.executors import Executor
    from simulators.scenario import Scenario

__all__ = ["KpiSampler"]

APART = 1 << 40
"""Replication numbers by which independent scenarios lie apart; nobody runs so many."""


class KpiSampler:
    """Gives one KPI of several scenarios, whatever replications are asked for.

    `simulators.statistics.kim_nelson` and `simulators.statistics.ocba` take it as it is. Open the executor yourself
    to keep its workers from call to call.

    Parameters
    ----------
    scenarios
        Scenarios by name; those of a sequence are named ``"0"``, ``"1"``, …
    kpi
        Name of the KPI.
    seed
        From 0.
    independent
        Whether the scenarios meet different random numbers, as OCBA assumes; else replication ``r`` of each meets the
        same, which makes the choice by KN cheaper.
    engine, policies, executor
        See `replicate`.

    Attributes
    ----------
    names
        The scenarios' names in order: the procedures tell them by number.

    Examples
    --------
    >>> from simulators.production_line import ProductionLine
    >>> def line(service_s):
    ...     return ProductionLine.model_validate({
    ...         "kind": "production_line",
    ...         "horizon_s": 3600,
    ...         "release": {"kind": "saturated"},
    ...         "stations": [{"name": "press", "service": {"kind": "exponential", "mean_s": service_s}}],
    ...     })
    >>> from simulators.statistics import kim_nelson
    >>> sampler = KpiSampler({"now": line(36), "faster": line(30)}, "parts_made", seed=1)
    >>> sampler.names[kim_nelson(sampler, 2, delta=5.0).best]
    'faster'
    """

    def __init__(
        self,
        scenarios: Mapping[str, Scenario] | Sequence[Scenario],
        kpi: str,
        *,
        seed: int,
        independent: bool = False,
        engine: str = AUTO,
        policies: Mapping[str, Callable[..., object]] | None = None,
        executor: Executor | PlainExecutor | None = None,
    ) -> None:
        if not isinstance(scenarios, Mapping):
            scenarios = {str(number): scenario for number, scenario in enumerate(scenarios)}
        self.names = tuple(scenarios)
        self._scenarios = tuple(scenarios.values())
        self._kpi = kpi
        self._seed = seed
        self._apart = APART if independent else 0
        self._engine = engine
        self._policies = policies
        self._executor = executor

    def __call__(self, system: int, first: int, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` values of the KPI: replications ``first`` to ``first + count - 1`` of a scenario.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        SimulatorError
            As `replicate`.
        """
        study = replicate(
            self._scenarios[system],
            replications=count,
            seed=self._seed,
            first=system * self._apart + first,
            engine=self._engine,
            policies=self._policies,
            executor=self._executor,
        )
        return study.observations(self._kpi)
