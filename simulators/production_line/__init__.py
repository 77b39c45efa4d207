"""Production lines: stations and routes, people, failures, quality, release control (kind ``production_line``)."""

from simulators.production_line import compiled_engine, serial_engine, simpy_engine
from simulators.production_line.bottleneck import Bottlenecks, Shares, bottlenecks
from simulators.production_line.commands import COMMANDS
from simulators.production_line.crew import Crew, Shift
from simulators.production_line.decisions import DECISIONS
from simulators.production_line.events import Event
from simulators.production_line.example import example, serial_example
from simulators.production_line.gantt import Gantt, gantt
from simulators.production_line.kpis import LineMeter
from simulators.production_line.part_type import PartType
from simulators.production_line.places import Places, places
from simulators.production_line.release import ConstantWip, IntervalRelease, SaturatedRelease
from simulators.production_line.running import RunningLine
from simulators.production_line.scenario import ProductionLine
from simulators.production_line.states import State, state_intervals, states_of
from simulators.production_line.station import Failures, Station

__all__ = [
    "COMMANDS",
    "DECISIONS",
    "Bottlenecks",
    "ConstantWip",
    "Crew",
    "Event",
    "Failures",
    "Gantt",
    "IntervalRelease",
    "LineMeter",
    "PartType",
    "Places",
    "ProductionLine",
    "RunningLine",
    "SaturatedRelease",
    "Shares",
    "Shift",
    "State",
    "Station",
    "bottlenecks",
    "compiled_engine",
    "example",
    "gantt",
    "places",
    "serial_engine",
    "serial_example",
    "simpy_engine",
    "state_intervals",
    "states_of",
]
