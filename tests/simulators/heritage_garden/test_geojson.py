from __future__ import annotations

import json
from typing import Any

import pytest

from simulators import DocumentError
from simulators.heritage_garden import GARDENS, example, load_garden
from simulators.heritage_garden.geojson import from_geojson, to_geojson


@pytest.mark.parametrize("name", GARDENS)
def test_a_garden_survives_the_round_trip(name: str) -> None:
    garden = load_garden(name)
    assert from_geojson(json.loads(json.dumps(to_geojson(garden)))) == garden


def test_coordinates_are_longitude_and_latitude_near_the_origin() -> None:
    garden = load_garden("lingering")
    document = to_geojson(garden)
    gate = next(f for f in document["features"] if f["properties"].get("name") == "south_gate")
    longitude, latitude = gate["geometry"]["coordinates"]
    assert garden.origin_deg is not None
    # 70 m east of the origin, at 31.3° north.
    assert longitude - garden.origin_deg[0] == pytest.approx(70 / (111_195 * 0.8544), rel=1e-3)
    assert latitude == pytest.approx(garden.origin_deg[1])


def test_polygons_are_closed_rings() -> None:
    for feature in to_geojson(load_garden("lingering"))["features"]:
        if feature["geometry"]["type"] == "Polygon":
            ring = feature["geometry"]["coordinates"][0]
            assert ring[0] == ring[-1]


def test_a_garden_without_a_place_on_earth_has_no_geojson() -> None:
    with pytest.raises(ValueError, match="garden 'small': origin_deg is null"):
        to_geojson(example().garden)


def spoilt(change: Any) -> dict[str, Any]:
    document = to_geojson(load_garden("master_of_the_nets"))
    change(document["features"])
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda features: features.pop(0), "0 features of layer 'garden'"),
        (lambda features: features[3]["properties"].update(layer="shops"), "features.3: .*layer 'shops'"),
        (lambda features: features[3]["geometry"].update(type="Point"), "must be a Polygon in layer 'scenes'"),
        (lambda features: features[3].pop("geometry"), "features.3: is not a feature of a garden"),
        (lambda features: features[0]["properties"].pop("origin_deg"), "origin_deg"),
        (lambda features: features[3]["properties"].pop("dwell"), "scenes.0.dwell: is missing"),
    ],
)
def test_what_is_no_garden_is_refused(change: Any, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        from_geojson(spoilt(change))
