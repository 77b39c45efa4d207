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

__all__ = ["AUTO", "Run", "engine_for", "simulate"]


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


AUTO = "auto"
PREFERRED = ("compiled", "simpy")


def engine_for(scenario: Scenario, engine: str = AUTO) -> str:
    """Return the name of the engine that runs a scenario.

    Parameters
    ----------
    scenario
        Of any kind.
    engine
        A name, or ``auto`` for the fastest that can run it.

    Raises
    ------
    UnknownEngineError
        The simulator has no such engine.
    """
    engines = simulator_of(scenario).engines
    chosen = next(name for name in PREFERRED if name in engines) if engine == AUTO else engine
    if chosen not in engines:
        raise UnknownEngineError(engine, scenario.kind, [AUTO, *engines])
    return chosen


def simulate(scenario: Scenario, *, seed: int, replication: int = 0, engine: str = AUTO) -> Run:
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
        ``simpy``, ``compiled``, or ``auto`` for the fastest that can run the scenario; they give the same journal.

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
    journal = simulator.engines[engine_for(scenario, engine)](scenario, Streams(seed, replication))
    return Run(scenario, seed, replication, simulator.kpis(scenario, journal), journal)
