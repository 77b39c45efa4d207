"""Heritage gardens: visitor flow in a classical garden (kind ``heritage_garden``)."""

from simulators.heritage_garden import compiled_engine, simpy_engine
from simulators.heritage_garden.commands import COMMANDS
from simulators.heritage_garden.events import Event, Places, places
from simulators.heritage_garden.example import example
from simulators.heritage_garden.garden import Garden
from simulators.heritage_garden.manager import DECISIONS
from simulators.heritage_garden.meter import GardenMeter
from simulators.heritage_garden.running import RunningGarden
from simulators.heritage_garden.scenario import HeritageGarden
from simulators.heritage_garden.series import heat_h_m2, time_series
from simulators.heritage_garden.shipped import GARDENS, load_garden
from simulators.heritage_garden.sightlines import View, views_of

__all__ = [
    "COMMANDS",
    "DECISIONS",
    "GARDENS",
    "Event",
    "Garden",
    "GardenMeter",
    "HeritageGarden",
    "Places",
    "RunningGarden",
    "View",
    "compiled_engine",
    "example",
    "heat_h_m2",
    "load_garden",
    "places",
    "simpy_engine",
    "time_series",
    "views_of",
]
