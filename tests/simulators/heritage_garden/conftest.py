"""Small gardens to test with: a corridor from a gate to a scene."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from simulators.heritage_garden import HeritageGarden

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = {"zh": "园", "en": "garden"}


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


CORRIDOR: dict[str, Any] = {
    "kind": "heritage_garden",
    "horizon_s": 10_000,
    "opens_s": 100,
    "last_entry_s": 8_000,
    "closes_s": 9_000,
    "garden": {
        "name": "corridor",
        "title": TEXT,
        "area_m2": 1_000,
        "outline_m": [(-5, -10), (60, -10), (60, 10), (-5, 10)],
        "gates": [{"name": "gate", "label": TEXT, "at_m": (0, 0), "counters": 1, "check": fixed(10)}],
        "scenes": [
            {
                "name": "hall",
                "label": TEXT,
                "kind": "hall",
                "polygon_m": [(40, -5), (50, -5), (50, 5), (40, 5)],
                "usable_area_m2": 90,
                "attractiveness": 3,
                "dwell": fixed(300),
            }
        ],
        "paths": [{"name": "way", "start": "gate", "end": "hall", "line_m": [(0, 0), (40, 0)], "width_m": 2}],
    },
    "visitors": [
        {
            "name": "guests",
            "arrivals": [{"from_s": 200, "to_s": 300, "visitors": 1}],
            "pattern": "regular",
            "free_speed_m_s": 1.0,
            "free_speed_sd_m_s": 0,
            "stay": fixed(200),
        }
    ],
}


@pytest.fixture
def corridor() -> Callable[..., HeritageGarden]:
    """Makes the garden, with fields changed by their dotted path: ``{"garden.paths.0.width_m": 3}``."""

    def make(changes: dict[str, Any] | None = None) -> HeritageGarden:
        data = copy.deepcopy(CORRIDOR)
        for path, value in (changes or {}).items():
            *parts, last = path.split(".")
            here: Any = data
            for part in parts:
                here = here[int(part)] if isinstance(here, list) else here.setdefault(part, {})
            if isinstance(here, list):
                here[int(last)] = value
            else:
                here[last] = value
        return HeritageGarden.model_validate(data)

    return make
