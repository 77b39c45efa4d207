"""Production lines: stations in series, finite buffers, failures and repairs (kind ``production_line``)."""

from simulators.production_line import compiled_engine, simpy_engine
from simulators.production_line.events import Event, Places
from simulators.production_line.example import example
from simulators.production_line.kpis import kpis
from simulators.production_line.scenario import (
    ConstantWip,
    Failures,
    IntervalRelease,
    ProductionLine,
    SaturatedRelease,
    Station,
)
from simulators.production_line.states import State, state_intervals

__all__ = [
    "ConstantWip",
    "Event",
    "Failures",
    "IntervalRelease",
    "Places",
    "ProductionLine",
    "SaturatedRelease",
    "State",
    "Station",
    "compiled_engine",
    "example",
    "kpis",
    "simpy_engine",
    "state_intervals",
]
