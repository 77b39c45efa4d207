"""Simulators: scenarios, discrete-event cores and the statistics of many runs.

A scenario is a frozen model read from ``scenario.yaml``; :func:`simulate` runs it once and gives KPIs and a journal;
:func:`replicate` runs it many times and gives means with confidence intervals; :func:`sweep` does so for several, and
:func:`replicate_until` until the means are precise enough.
"""

from simulators.cluster import DaskExecutor
from simulators.command import Command
from simulators.document import read
from simulators.errors import (
    CheckpointError,
    ClusterError,
    CommandError,
    DeadlockError,
    DocumentError,
    EngineLimitError,
    MemoryLimitError,
    NoJournalError,
    PolicyError,
    Problem,
    SimulatorError,
    UnknownEngineError,
    UnknownKindError,
    UnknownKpiError,
    UnknownPolicyError,
    WorkerLostError,
)
from simulators.executors import Executor, SerialExecutor
from simulators.journal import Journal
from simulators.kpi import Kpi
from simulators.kpi_sampler import KpiSampler
from simulators.processes import ProcessExecutor
from simulators.registry import KINDS, load_scenario
from simulators.replication import replicate, sweep
from simulators.scenario import Scenario, Text
from simulators.sequential_study import SequentialStudy, replicate_until
from simulators.simulation import Run, simulate
from simulators.streams import Streams
from simulators.study import Estimate, Study, Sweep

__all__ = [
    "KINDS",
    "CheckpointError",
    "ClusterError",
    "Command",
    "CommandError",
    "DaskExecutor",
    "DeadlockError",
    "DocumentError",
    "EngineLimitError",
    "Estimate",
    "Executor",
    "Journal",
    "Kpi",
    "KpiSampler",
    "MemoryLimitError",
    "NoJournalError",
    "PolicyError",
    "Problem",
    "ProcessExecutor",
    "Run",
    "Scenario",
    "SequentialStudy",
    "SerialExecutor",
    "SimulatorError",
    "Streams",
    "Study",
    "Sweep",
    "Text",
    "UnknownEngineError",
    "UnknownKindError",
    "UnknownKpiError",
    "UnknownPolicyError",
    "WorkerLostError",
    "load_scenario",
    "read",
    "replicate",
    "replicate_until",
    "simulate",
    "sweep",
]
