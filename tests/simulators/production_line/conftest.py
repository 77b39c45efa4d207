"""What the tests of this folder share: journals written by hand, and a workshop that has everything.

The lines of ``production_lines`` and the books of ``ledger`` lie beside this file, under names of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import Journal, Run, simulate
from simulators.production_line import Event, Places, ProductionLine

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.append(str(Path(__file__).parent))


def exponential(mean_s: float) -> dict[str, object]:
    return {"kind": "exponential", "mean_s": mean_s}


def fixed(value_s: float) -> dict[str, object]:
    return {"kind": "deterministic", "value_s": value_s}


WORKSHOP = {
    "kind": "production_line",
    "warm_up_s": 1000,
    "horizon_s": 5 * 3600,
    "release": {"kind": "interval", "interval": exponential(80)},
    "crews": [{"name": "team", "members": 2, "skills": ["operate", "set_up"], "shift": "day"}],
    "shifts": [{"name": "day", "cycle_s": 7000, "periods": [{"start_s": 0, "end_s": 6000}]}],
    "part_types": [
        {"name": "gear", "route": ["saw", "turn", "mill", "wash", "fit", "test", "pack"], "share": 2},
        {"name": "shaft", "route": ["saw", "turn", "wash", "fit", "test", "pack"]},
        {
            "name": "plate",
            "route": ["saw", "mill", "pack"],
            "release": {
                "kind": "orders",
                "orders": [
                    {"part_type": "plate", "quantity": 5, "release_s": 600 * number, "due_s": 600 * number + 240}
                    for number in range(30)
                ],
            },
        },
        {"name": "pin", "route": ["lathe"], "feeds": "fit", "release": {"kind": "constant_wip", "parts": 9}},
    ],
    "stations": [
        {"name": "saw", "service": exponential(20), "buffer_places": None, "shift": "day"},
        {
            "name": "turn",
            "service": exponential(25),
            "buffer_places": 6,
            "dispatching": "setup",
            "setup": {"time": fixed(12), "skill": "set_up"},
            "maintenance": {"every_s": 3000, "duration": fixed(300)},
        },
        {
            "name": "mill",
            "machines": 2,
            "service": exponential(40),
            "power": {"idle_w": 400, "busy_w": 3000, "down_w": 50},
            "service_skill": "operate",
            "buffer_places": 2,
            "failures": {"up_time": exponential(900), "repair_time": exponential(200)},
        },
        {"name": "lathe", "service": exponential(20), "kanban_cards": 4},
        {
            "name": "wash",
            "service": exponential(20),
            "buffer_places": 1,
            "conveyor": {"transport_time_s": 45, "capacity": 3},
        },
        {
            "name": "fit",
            "service": exponential(50),
            "buffer_places": 2,
            "assembly": {"components": {"pin": {"count": 2, "places": 4}}},
            "defect_probability": 0.2,
        },
        {
            "name": "test",
            "service": exponential(18),
            "buffer_places": None,
            "inspection": {"detection": 0.9, "false_alarm": 0.2, "rework": "mend"},
        },
        {"name": "mend", "service": exponential(60), "buffer_places": None},
        {"name": "pack", "service": exponential(30), "kanban_cards": 3},
    ],
}


@pytest.fixture(scope="session")
def workshop() -> ProductionLine:
    """A workshop in which parts take different ways, with everything that a station can have."""
    return ProductionLine.model_validate(WORKSHOP)


@pytest.fixture(scope="session")
def workshop_run(workshop: ProductionLine) -> Run:
    """One run of it."""
    return simulate(workshop, seed=7, engine="simpy")


@pytest.fixture(scope="session")
def write() -> Callable[..., Journal]:
    """Write a journal by hand: the line, then rows ``(time_s, event, entity, name of the place)``."""

    def written(scenario: ProductionLine, *rows: tuple[float, Event, int, str]) -> Journal:
        names = Places(scenario).names
        time_s, event, entity, place = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Journal(
            np.array(time_s, np.float64),
            np.array(event, np.int16),
            np.array(entity, np.int64),
            np.array([names.index(name) for name in place], np.int32),
            names,
        )

    return written
