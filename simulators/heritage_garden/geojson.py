"""Gardens as GeoJSON (RFC 7946): one feature a scene, path, gate, pond, wall, roof and tree."""

from __future__ import annotations

import math
from typing import Any

from pydantic import ValidationError

from simulators.document import problems_of
from simulators.errors import DocumentError, Problem
from simulators.heritage_garden.garden import Garden

__all__ = ["from_geojson", "to_geojson"]

EARTH_RADIUS_M = 6_371_008.8
LAYERS = {
    "gates": ("at_m", "Point"),
    "scenes": ("polygon_m", "Polygon"),
    "junctions": ("at_m", "Point"),
    "paths": ("line_m", "LineString"),
    "ponds": ("polygon_m", "Polygon"),
    "walls": ("line_m", "LineString"),
    "roofs": ("polygon_m", "Polygon"),
    "trees": ("at_m", "Point"),
}
"""Field of the geometry and its type, by layer."""


def to_geojson(garden: Garden) -> dict[str, Any]:
    """Return a garden as a FeatureCollection in longitude and latitude.

    Each feature's properties hold its ``layer`` and all fields but the geometry; the boundary is a feature of the layer
    ``garden``, which holds the garden's own fields.

    Parameters
    ----------
    garden
        With ``origin_deg``.

    Raises
    ------
    ValueError
        The garden does not say where on earth it lies.

    Examples
    --------
    >>> from simulators.heritage_garden import load_garden
    >>> garden = load_garden("master_of_the_nets")
    >>> from_geojson(to_geojson(garden)) == garden
    True
    """
    if garden.origin_deg is None:
        message = f"garden {garden.name!r}: origin_deg is null; give its longitude and latitude"
        raise ValueError(message)
    data = garden.model_dump(mode="json", exclude_defaults=True)
    own = {name: value for name, value in data.items() if name not in LAYERS and name != "outline_m"}
    features = [_feature("garden", own, "Polygon", _placed(data["outline_m"], garden.origin_deg))]
    for layer, (field, kind) in LAYERS.items():
        for part in data.get(layer, ()):
            properties = {name: value for name, value in part.items() if name != field}
            features.append(_feature(layer, properties, kind, _placed(part[field], garden.origin_deg)))
    return {"type": "FeatureCollection", "features": features}


def from_geojson(document: dict[str, Any], *, name: str = "GeoJSON") -> Garden:
    """Return the garden that a FeatureCollection holds, such as :func:`to_geojson` writes.

    Coordinates are rounded to a tenth of a millimetre.

    Parameters
    ----------
    document
        The parsed JSON.
    name
        What to call it in errors.

    Raises
    ------
    simulators.DocumentError
        It holds no garden; names the feature and the field.
    """
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise DocumentError([Problem(name, 0, "features", "", "is missing; give a FeatureCollection")])
    boundary = [feature for feature in features if _layer(feature) == "garden"]
    if len(boundary) != 1:
        message = (
            f"{len(boundary)} features of layer 'garden'; exactly one, the boundary, must hold the garden's fields"
        )
        raise DocumentError([Problem(name, 0, "features", "", message)])
    data = {key: value for key, value in boundary[0]["properties"].items() if key != "layer"}
    origin = data.get("origin_deg")
    if not isinstance(origin, list | tuple) or len(origin) != 2:
        raise DocumentError([Problem(name, 0, "origin_deg", repr(origin), "must be [longitude, latitude]")])
    for number, feature in enumerate(features):
        layer = _layer(feature)
        try:
            field, kind = ("outline_m", "Polygon") if layer == "garden" else LAYERS[layer]
            found, coordinates = feature["geometry"]["type"], feature["geometry"]["coordinates"]
            metres = _measured(coordinates, kind, origin) if found == kind else None
        except (KeyError, TypeError, IndexError) as error:
            message = f"is not a feature of a garden: layer {layer!r}; layers are garden, {', '.join(LAYERS)}"
            raise DocumentError([Problem(name, 0, f"features.{number}", "", message)]) from error
        if metres is None:
            message = f"must be a {kind} in layer {layer!r}"
            raise DocumentError([Problem(name, 0, f"features.{number}.geometry", str(found), message)])
        if layer == "garden":
            data[field] = metres
        else:
            part = {key: value for key, value in feature["properties"].items() if key != "layer"}
            data.setdefault(layer, []).append({**part, field: metres})
    try:
        return Garden.model_validate(data)
    except ValidationError as error:
        raise DocumentError(problems_of(error, name)) from error


def _feature(layer: str, properties: dict[str, Any], kind: str, coordinates: list[Any]) -> dict[str, Any]:
    if kind == "Polygon":
        coordinates = [[*coordinates, coordinates[0]]]
    return {
        "type": "Feature",
        "properties": {"layer": layer, **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _layer(feature: Any) -> str:  # noqa: ANN401 - a part of any JSON
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return str(properties.get("layer")) if isinstance(properties, dict) else ""


def _scale(origin: Any) -> tuple[float, float]:  # noqa: ANN401 - two numbers
    """Return metres for each degree of longitude and latitude, on the plane that touches the sphere at the origin."""
    degree_m = math.radians(1) * EARTH_RADIUS_M
    return degree_m * math.cos(math.radians(origin[1])), degree_m


def _placed(points: Any, origin: Any) -> list[Any]:  # noqa: ANN401 - a point or a list of them
    if isinstance(points[0], list | tuple):
        return [_placed(point, origin) for point in points]
    east, north = _scale(origin)
    return [origin[0] + points[0] / east, origin[1] + points[1] / north]


def _measured(coordinates: Any, kind: str, origin: Any) -> Any:  # noqa: ANN401 - a point or a list of them
    east, north = _scale(origin)
    if kind == "Point":
        longitude, latitude = coordinates[:2]
        return (round((longitude - origin[0]) * east, 4), round((latitude - origin[1]) * north, 4))
    line = coordinates[0][:-1] if kind == "Polygon" else coordinates
    return [_measured(point, "Point", origin) for point in line]
