from __future__ import annotations

from typing import Any

import pytest

from simulators import simulate
from simulators.heritage_garden import View, example, views_of
from simulators.heritage_garden.parts import Scene, Wall


def scene(name: str, x: float, attractiveness: float = 1.0) -> Scene:
    square = [(x - 1, -1), (x + 1, -1), (x + 1, 1), (x - 1, 1)]
    return Scene.model_validate(
        {
            "name": name,
            "label": {"zh": name, "en": name},
            "kind": "pavilion",
            "polygon_m": square,
            "usable_area_m2": 4,
            "attractiveness": attractiveness,
            "dwell": {"kind": "deterministic", "value_s": 60},
        }
    )


def wall(x: float, height_m: float = 3.0, **opening: Any) -> Wall:
    openings = [{"at_m": 10, "width_m": 1, **opening}] if opening else []
    line = [(x, -10), (x, 10)]
    return Wall.model_validate({"name": "wall", "line_m": line, "height_m": height_m, "openings": openings})


HERE, THERE = scene("here", 0), scene("there", 30)


@pytest.mark.parametrize(
    ("walls", "frames"),
    [
        ([], ()),
        ([wall(10)], None),
        ([wall(10, height_m=1.2)], ()),  # one looks over it
        ([wall(10, kind="window", sill_m=0.9)], ("window",)),
        ([wall(10, kind="window", sill_m=1.8, head_m=2.4)], None),  # above the eyes
        ([wall(10, kind="door", at_m=12)], None),  # aside
        ([wall(20, kind="moon_gate"), wall(10, kind="window")], ("window", "moon_gate")),
        ([wall(20, kind="moon_gate"), wall(10)], None),
    ],
)
def test_walls_hide_and_openings_frame(walls: list[Wall], frames: tuple[str, ...] | None) -> None:
    found = views_of([HERE, THERE], walls)
    expected = () if frames is None else (View("here", "there", frames), View("there", "here", frames[::-1]))
    assert found == expected


def test_what_is_too_far_is_no_view() -> None:
    assert views_of([HERE, scene("far", 101)], []) == ()


def test_views_are_counted_and_add_to_satisfaction() -> None:
    day = example()
    seen = simulate(day, seed=1).kpis
    assert seen["views_seen_mean"].value > 0
    walled = day.garden.model_copy(update={"walls": (*day.garden.walls, *_screens(day.garden.scenes))})
    blind = simulate(day.model_copy(update={"garden": walled}), seed=1).kpis
    assert blind["views_seen_mean"].value == 0
    assert blind["satisfaction"].value != seen["satisfaction"].value
    assert blind["visitors"].value == seen["visitors"].value  # walls that cross no path change nobody's way


def _screens(scenes: tuple[Scene, ...]) -> list[Wall]:
    """Return a screen around the middle of every scene."""
    found = []
    for one in scenes:
        xs, ys = [x for x, _ in one.polygon_m], [y for _, y in one.polygon_m]
        x, y = sum(xs) / len(xs), sum(ys) / len(ys)
        ring = [(x - 0.2, y - 0.2), (x + 0.2, y - 0.2), (x + 0.2, y + 0.2), (x - 0.2, y + 0.2), (x - 0.2, y - 0.2)]
        found.append(Wall.model_validate({"name": f"screen_{one.name}", "line_m": ring}))
    return found
