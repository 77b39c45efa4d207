"""A small garden that uses every feature of the model."""

from __future__ import annotations

from typing import Any

from simulators.heritage_garden.scenario import HeritageGarden

__all__ = ["example"]


def example() -> HeritageGarden:
    """Return the garden: two gates, five scenes round a pond, stairs, a bridge, groups, rain and an alarm."""
    return HeritageGarden.model_validate(
        {
            "kind": "heritage_garden",
            "horizon_s": 45_000,
            "opens_s": 28_800,
            "last_entry_s": 41_400,
            "closes_s": 43_200,
            "garden": _garden(),
            "visitors": [_walk_in(), _groups()],
            "season": "autumn",
            "seasons": {"autumn": 1.2},
            "weather": {
                "rain": [{"from_s": 34_000, "to_s": 35_000}],
                "showers": {
                    "interval": {"kind": "exponential", "mean_s": 30_000},
                    "duration": {"kind": "gamma", "shape": 2, "mean_s": 1_200},
                },
            },
            "controls": {
                "cap": 150,
                "slots": [
                    {"name": "early", "from_s": 28_800, "to_s": 34_200, "visitors": 250},
                    {"name": "late", "from_s": 34_200, "to_s": 41_400, "visitors": 250},
                ],
                "directions": [{"name": "west_shore", "direction": "forward"}],
                "closures": [{"place": "rocks", "from_s": 36_000, "to_s": 37_000}],
                "guides": 2,
                "advice": {"share": 0.5},
            },
            "alarm_s": 42_000,
        }
    )


def _walk_in() -> dict[str, Any]:
    return {
        "name": "walk_in",
        "arrivals": [
            {"from_s": 28_000, "to_s": 34_000, "visitors": 200},
            {"from_s": 34_000, "to_s": 41_500, "visitors": 150},
        ],
        "party_sizes": [3, 5, 2],
        "gates": {"south": 3, "east": 1},
        "stay": {"kind": "lognormal", "mean_s": 3_600, "cv": 0.4},
        "patience": {"kind": "uniform", "low_s": 600, "high_s": 2_400},
        "step_free_share": 0.05,
        "price_cny": 70,
    }


def _groups() -> dict[str, Any]:
    return {
        "name": "groups",
        "arrivals": [{"from_s": 30_000, "to_s": 39_000, "visitors": 100}],
        "pattern": "regular",
        "smallest_party": 15,
        "party_sizes": [1, 2, 1],
        "gates": {"south": 1},
        "one_check": True,
        "stay": {"kind": "deterministic", "value_s": 5_400},
        "tour": ["hall", "bridge_pavilion", "rocks"],
        "price_cny": 60,
    }


def _garden() -> dict[str, Any]:
    def scene(name: str, kind: str, x: float, y: float, attractiveness: float, **more: object) -> dict[str, Any]:
        corners = [(x, y), (x + 8, y), (x + 8, y + 6), (x, y + 6)]
        return {
            "name": name,
            "label": {"zh": name, "en": name},
            "kind": kind,
            "polygon_m": corners,
            "usable_area_m2": 40,
            "attractiveness": attractiveness,
            "dwell": {"kind": "gamma", "shape": 4, "mean_s": 240},
            **more,
        }

    def path(name: str, start: str, end: str, *line: tuple[float, float], **more: object) -> dict[str, Any]:
        return {"name": name, "start": start, "end": end, "line_m": line, "width_m": 1.6, **more}

    check = {"kind": "exponential", "mean_s": 6}
    label = {"zh": "小园", "en": "Small garden"}
    return {
        "name": "small",
        "title": label,
        "area_m2": 4_800,
        "outline_m": [(0, 0), (80, 0), (80, 60), (0, 60)],
        "gates": [
            {"name": "south", "label": label, "at_m": (40, 0), "counters": 2, "check": check},
            {"name": "east", "label": label, "at_m": (80, 30), "counters": 1, "check": check},
        ],
        "junctions": [{"name": "fork", "at_m": (40, 8)}],
        "scenes": [
            scene("hall", "hall", 36, 12, 2.0, sheltered=True, indoors={"height_m": 5}),
            scene("rocks", "rockery", 8, 30, 1.5, fragility=0.8, closes_in_rain=True),
            scene("bridge_pavilion", "pavilion", 36, 32, 2.5, sheltered=True, limit=30),
            scene("lotus", "waterside", 62, 26, 1.8),
            scene("outlook", "viewpoint", 36, 52, 1.2, opens_s=30_000, closes_s=40_000),
        ],
        "paths": [
            path("entry", "south", "fork", (40, 0), (40, 8), narrowest_m=1.0),
            path("to_hall", "fork", "hall", (40, 8), (40, 12)),
            path("west_shore", "fork", "rocks", (40, 8), (12, 10), (12, 30), fragility=0.4),
            path("east_shore", "hall", "lotus", (44, 15), (66, 15), (66, 26), rise_m=1.0),
            path("zigzag", "lotus", "bridge_pavilion", (62, 30), (55, 34), (50, 32), (44, 35), kind="zigzag_bridge"),
            path("causeway", "bridge_pavilion", "rocks", (36, 36), (16, 34), kind="bridge", width_m=1.2),
            path("steps", "rocks", "outlook", (14, 36), (20, 52), (36, 55), kind="stairs", rise_m=4.0),
            path("ridge", "outlook", "bridge_pavilion", (40, 52), (40, 38), closes_in_rain=True, kind="bridge"),
            path("gallery", "lotus", "east", (70, 29), (80, 30), kind="covered_corridor"),
        ],
        "ponds": [{"name": "pond", "polygon_m": [(20, 24), (58, 24), (58, 48), (20, 48)]}],
        "walls": [
            {
                "name": "screen",
                "line_m": [(30, 10), (50, 10)],
                "openings": [{"kind": "moon_gate", "at_m": 10, "width_m": 2.0}],
            }
        ],
    }
