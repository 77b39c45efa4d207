"""Simulators: scenarios, discrete-event cores and the statistics of many runs.

A scenario is a frozen model read from ``scenario.yaml``; :func:`simulate` runs it once and gives KPIs and a journal;
:func:`replicate` runs it many times and gives means with confidence intervals.
"""

from simulators.document import read
from simulators.errors import (
    DocumentError,
    Problem,
    SimulatorError,
    UnknownEngineError,
    UnknownKindError,
    UnknownKpiError,
)
from simulators.journal import Journal
from simulators.kpi import Kpi
from simulators.registry import KINDS, load_scenario
from simulators.scenario import Scenario, Text
from simulators.simulation import Run, simulate
from simulators.streams import Streams
from simulators.study import Estimate, Study, replicate

__all__ = [
    "KINDS",
    "DocumentError",
    "Estimate",
    "Journal",
    "Kpi",
    "Problem",
    "Run",
    "Scenario",
    "SimulatorError",
    "Streams",
    "Study",
    "Text",
    "UnknownEngineError",
    "UnknownKindError",
    "UnknownKpiError",
    "load_scenario",
    "read",
    "replicate",
    "simulate",
]
