"""One run of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.errors import EngineLimitError, NoJournalError, UnknownEngineError, UnknownPolicyError
from simulators.memory import available_bytes
from simulators.policy import Policy
from simulators.recorder import Recorder
from simulators.registry import simulator_of
from simulators.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

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
    kept
        Its events, None where they were not kept.
    antithetic
        Whether it drew by inversion, an odd replication opposite to the even one before it.
    """

    scenario: Scenario
    seed: int
    replication: int
    kpis: Mapping[str, Kpi]
    kept: Journal | None
    antithetic: bool = False

    @property
    def journal(self) -> Journal:
        """Its events.

        Raises
        ------
        NoJournalError
            They were not kept.
        """
        if self.kept is None:
            raise NoJournalError
        return self.kept


AUTO = "auto"
PREFERRED = ("compiled", "simpy")


def engine_for(scenario: Scenario, engine: str = AUTO, policies: Collection[str] = ()) -> str:
    """Return the name of the engine that runs a scenario.

    Parameters
    ----------
    scenario
        Of any kind.
    engine
        A name, or ``auto`` for the fastest that can run it.
    policies
        The decision points at which a Python function is asked; only SimPy can do that.

    Raises
    ------
    UnknownEngineError
        The simulator has no such engine.
    UnknownPolicyError
        The simulator has no such decision point.
    EngineLimitError
        The engine cannot run the scenario; names the feature.
    """
    simulator = simulator_of(scenario)
    for point in policies:
        if point not in simulator.decisions:
            raise UnknownPolicyError(point, scenario.kind, simulator.decisions)
    able = [name for name in PREFERRED if name in simulator.engines and not (policies and name != "simpy")]
    chosen = able[0] if engine == AUTO else engine
    if chosen not in simulator.engines:
        raise UnknownEngineError(engine, scenario.kind, [AUTO, *simulator.engines])
    if chosen not in able:
        feature = f"a Python policy for {', '.join(repr(point) for point in policies)}"
        raise EngineLimitError(engine, scenario.kind, feature)
    return chosen


def simulate(
    scenario: Scenario,
    *,
    seed: int,
    replication: int = 0,
    engine: str = AUTO,
    policies: Mapping[str, Callable[..., object]] | None = None,
    journal: bool = True,
    memory_bytes: int | None = None,
    antithetic: bool = False,
) -> Run:
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
    policies
        Python functions by decision point, asked instead of the scenario's own rules. See ``docs/simulators.md``.
    journal
        Whether to keep the events. Without them a run of any length needs the same memory.
    memory_bytes
        How much memory the events may take; by default what this process can still get.
    antithetic
        Draw by inversion, in pairs: an odd ``replication`` meets the opposite luck of the even one before it.

    Returns
    -------
    KPIs and, if kept, the journal.

    Raises
    ------
    UnknownEngineError, UnknownPolicyError
        The simulator has no such engine or decision point.
    EngineLimitError
        The engine cannot run a feature of the scenario.
    PolicyError
        A policy failed; names its own line.
    DeadlockError
        Nothing in the plant can move any more.
    MemoryLimitError
        The events outgrow the memory.

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
    policies = policies or {}
    chosen = engine_for(scenario, engine, policies)
    simulator = simulator_of(scenario)
    meter = simulator.meter(scenario)
    if memory_bytes is None and journal:
        memory_bytes = available_bytes()
    recorder = Recorder(simulator.places(scenario), meter, keep=journal, memory_bytes=memory_bytes)
    asked = {point: Policy(point, function) for point, function in policies.items()}
    simulator.engines[chosen](scenario, Streams(seed, replication, antithetic), recorder, asked)
    return Run(scenario, seed, replication, meter.kpis(), recorder.journal() if journal else None, antithetic)
