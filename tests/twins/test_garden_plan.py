from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from simulators import simulate
from simulators.heritage_garden import GARDENS, example, heat_h_m2, load_garden
from twins.garden_day import GardenDay
from twins.garden_plan import GardenPlan

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


@pytest.mark.parametrize("name", GARDENS)
def test_a_plan_names_every_scene_and_gate_in_both_languages(name: str) -> None:
    garden = load_garden(name)
    for language in ("zh", "en"):
        texts = set(re.findall(r">([^<>]+)</text>", GardenPlan(garden, language=language).svg()))
        wanted = {part.label.in_language(language) for part in (*garden.scenes, *garden.gates)}
        assert wanted <= texts
        assert garden.title.in_language(language) in texts


def test_water_paths_and_roofs_are_seen() -> None:
    picture = pixels(GardenPlan(load_garden("humble_administrator")).png()).reshape(-1, 3)
    shares = {
        colour: float((picture == tuple(bytes.fromhex(colour))).all(axis=1).mean())
        for colour in ("bcd8dc", "cdbf9f", "8d8f91", "e9eddc")
    }
    assert shares["bcd8dc"] > 0.03  # ponds
    assert shares["cdbf9f"] > 0.02  # paths
    assert shares["8d8f91"] > 0.02  # roofs
    assert shares["e9eddc"] > 0.3  # ground


def test_heat_reddens_the_places_where_visitors_were() -> None:
    run = simulate(example(), seed=1)
    heat = heat_h_m2(run.journal, run.scenario)
    plain = pixels(GardenPlan(example().garden, language="en").png()).astype(int)
    warm = pixels(GardenPlan(example().garden, language="en", heat=heat, heat_label="h / m²").png()).astype(int)

    def redness(picture: NDArray[np.int64]) -> int:
        return int(((picture[..., 0] - picture[..., 2]) > 100).sum())

    assert redness(warm) > 4 * redness(plain)


def test_a_day_is_drawn() -> None:
    run = simulate(example(), seed=1)
    for language in ("zh", "en"):
        day = GardenDay(run, language=language)
        assert pixels(day.png()).std() > 10
        shown = day._repr_html_()
        assert ("瞬时承载量" if language == "zh" else "instantaneous capacity") in shown
        assert shown.startswith("<div")
