"""The gardens that are shipped: published figures, and days that run."""

from __future__ import annotations

import re

import pytest

from simulators import simulate
from simulators.heritage_garden import GARDENS, HeritageGarden, load_garden
from simulators.heritage_garden.geometry import area_m2

# Areas as the gardens and their World Heritage nomination publish them.
AREAS_M2 = {"humble_administrator": 52_000, "lingering": 23_300, "master_of_the_nets": 5_400}


def test_three_gardens_are_shipped() -> None:
    assert set(GARDENS) == set(AREAS_M2)


@pytest.mark.parametrize("name", GARDENS)
class TestGarden:
    def test_has_its_published_area_and_says_what_is_invented(self, name: str) -> None:
        garden = load_garden(name)
        assert garden.area_m2 == AREAS_M2[name]
        assert area_m2(garden.outline_m) == pytest.approx(garden.area_m2, rel=0.005)
        assert garden.sources
        assert garden.invented

    def test_every_scene_is_seen_on_a_quiet_day(self, name: str) -> None:
        scenario = HeritageGarden.model_validate(
            {
                "kind": "heritage_garden",
                "horizon_s": 70_000,
                "garden": name,
                "visitors": [
                    {
                        "name": "guests",
                        "arrivals": [{"from_s": 28_000, "to_s": 48_000, "visitors": 400}],
                        "stay": {"kind": "deterministic", "value_s": 7_200},
                    }
                ],
            }
        )
        kpis = simulate(scenario, seed=1).kpis
        assert all(kpis[f"scene.{scene.name}.visits"].value > 0 for scene in scenario.garden.scenes)
        assert kpis["over_capacity_h"].value == 0
        assert kpis["inside_at_end"].value == 0


def test_the_three_parts_of_the_humble_administrators_garden_have_their_areas() -> None:
    """Published in mu of 666.7 m²: east 31, centre 18.5, west about 12.5; the walls of the model divide it so."""
    garden = load_garden("humble_administrator")
    walls = {wall.name: wall.line_m for wall in garden.walls}
    east_x, west_x = walls["double_corridor"][0][0], walls["west_wall"][0][0]
    south_y = walls["house_wall_centre"][0][1]
    high_y = max(y for _, y in garden.outline_m)
    high_x = max(x for x, _ in garden.outline_m)
    mu = 10_000 / 15
    assert (high_x - east_x) * high_y / mu == pytest.approx(31, rel=0.05)
    assert (east_x - west_x) * (high_y - south_y) / mu == pytest.approx(18.5, rel=0.05)
    assert west_x * (high_y - south_y) / mu == pytest.approx(12.5, rel=0.05)


@pytest.mark.parametrize("name", GARDENS)
def test_every_path_can_be_called_something(name: str) -> None:
    garden = load_garden(name)
    for language, letters in (("zh", re.compile(r"[^a-z_]+")), ("en", re.compile(r"[^_]+"))):
        labels = [garden.path_label(path, language) for path in garden.paths]
        assert all(letters.fullmatch(label) for label in labels)
