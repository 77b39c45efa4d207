"""One run of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.errors import UnknownEngineError
from simulators.registry import simulator_of
from simulators.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.journal import Journal
    from simulators.kpi import Kpi
    from simulators.scenario import Scenario

__all__ = ["Run", "simulate"]


@dataclass(frozen=True)
class Run:
    """What one run gave.

    Parameters
    ----------
    scenario
        What ran.
    seed, replication
        Which random numbers it met.
    kpis
        Its figures by name.
    journal
        Its events.
    """

    scenario: Scenario
    seed: int
    replication: int
    kpis: Mapping[str, Kpi]
    journal: Journal


def simulate(scenario: Scenario, *, seed: int, replication: int = 0, engine: str = "simpy") -> Run:
    """Run a scenario once.

    Parameters
    ----------
    scenario
        Of any kind.
    seed
        From 0; with ``replication`` it decides every random number.
    replication
        Which of the independent repetitions, from 0.
    engine
        Name of the engine.

    Returns
    -------
    KPIs and journal.

    Raises
    ------
    UnknownEngineError
        The simulator has no such engine.

    Examples
    --------
    >>> from simulators.production_line import ProductionLine
    >>> line = ProductionLine.model_validate({
    ...     "kind": "production_line",
    ...     "horizon_s": 3600,
    ...     "release": {"kind": "saturated"},
    ...     "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 36}}],
    ... })
    >>> simulate(line, seed=1).kpis["parts_made"]
    Kpi(value=99.0, unit='parts')
    """
    simulator = simulator_of(scenario)
    run = simulator.engines.get(engine)
    if run is None:
        raise UnknownEngineError(engine, scenario.kind, simulator.engines)
    journal = run(scenario, Streams(seed, replication))
    return Run(scenario, seed, replication, simulator.kpis(scenario, journal), journal)
