"""Sun, sky and haze by season and hour, as seen from Suzhou; the sky as a dome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, triangles
from twins.garden.plan import smoothstep
from twins.scene import Light
from twins.shapes import rgb

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Sky", "sky_at"]

LATITUDE_RAD = np.radians(31.3)
DECLINATION_RAD: Mapping[str, float] = {
    "spring": np.radians(8.0), "summer": np.radians(22.0), "autumn": np.radians(-10.0), "winter": np.radians(-23.0),
}  # fmt: skip
"""Of the sun in April, July, October and December."""

HEIGHTS_DEG = np.array((-12.0, -2.0, 10.0, 38.0))
"""Heights of the sun for which the colours below are given: night, dusk, evening light, day."""
COLORS: Mapping[str, tuple[str, str, str, str]] = {
    "sun": ("#06080c", "#3a2a22", "#4f483f", "#57534b"),
    "sky": ("#454f68", "#8d8b9c", "#bdbfc2", "#ccd2d8"),
    "ground": ("#2b3143", "#6d6874", "#9d9894", "#aaacaa"),
    "haze": ("#2d3850", "#d9b79c", "#e9dcc6", "#e3eaec"),
    "zenith": ("#16203a", "#6a7da0", "#a3bcd2", "#a8c8e0"),
}
MIST = "#e6e9e6"
LAMPS_BELOW_DEG = 7.0
DOME_M = 1500.0


@dataclass(frozen=True, eq=False)
class Sky:
    """The light at a time.

    Parameters
    ----------
    sun
        ``(3,)`` unit vector towards the sun, in the garden's axes; towards where it set, a little above the horizon,
        once it has.
    light
        For the scene.
    zenith
        ``#rrggbb``.
    lamps
        How brightly lamps burn, 0 to 1.
    """

    sun: Numbers
    light: Light
    zenith: str
    lamps: float

    def dome(self, middle_m: Numbers) -> Mesh:
        """Return the sky: haze along the horizon, deeper above, bright around the sun."""
        around, up = np.linspace(0, 2 * np.pi, 33), np.radians((-6.0, 0.0, 3.0, 8.0, 16.0, 30.0, 50.0, 90.0))
        way = np.stack([
            np.cos(up)[:, None] * np.cos(around), np.cos(up)[:, None] * np.sin(around),
            np.broadcast_to(np.sin(up)[:, None], (len(up), len(around))),
        ], axis=-1)  # fmt: skip
        share = smoothstep(-0.03, 0.5, way[..., 2])[..., None] ** 0.75
        colors = np.array(rgb(self.light.haze_color)) * (1 - share) + np.array(rgb(self.zenith)) * share
        near = np.clip(way @ self.sun, 0, 1)[..., None]
        colors = colors + np.array(rgb(self.light.sun_color)) * (0.5 * near**6 + 0.35 * near**40)
        points = np.concatenate((middle_m, (0.0,)))[None, None] + way * DOME_M
        a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
        tone = colors[:-1, :-1], colors[1:, :-1], colors[1:, 1:], colors[:-1, 1:]
        corners = np.concatenate((np.stack((a, b, c), 2).reshape(-1, 3, 3), np.stack((a, c, d), 2).reshape(-1, 3, 3)))
        shades = np.concatenate((np.stack(tone[:3], 2).reshape(-1, 3, 3),
                                 np.stack((tone[0], tone[2], tone[3]), 2).reshape(-1, 3, 3)))  # fmt: skip
        return triangles(corners, np.clip(shades, 0, 1))


def sky_at(season: str, hour: float) -> Sky:
    """Return the light of an hour.

    Parameters
    ----------
    season
        ``spring``, ``summer``, ``autumn`` or ``winter``.
    hour
        Of the day, solar time, 0 to 24.
    """
    turn = np.radians(15.0 * (hour - 12.0))
    lean = DECLINATION_RAD[season]
    east = -np.cos(lean) * np.sin(turn)
    north = np.sin(lean) * np.cos(LATITUDE_RAD) - np.cos(lean) * np.sin(LATITUDE_RAD) * np.cos(turn)
    up = np.sin(lean) * np.sin(LATITUDE_RAD) + np.cos(lean) * np.cos(LATITUDE_RAD) * np.cos(turn)
    height_deg = float(np.degrees(np.arcsin(up)))
    color = {name: _between(height_deg, colors) for name, colors in COLORS.items()}
    mist = float(1 - smoothstep(14.0, 42.0, height_deg)) * float(smoothstep(-4.0, 4.0, height_deg)) * (hour < 12.0)
    haze = np.array(rgb(color["haze"])) * (1 - 0.7 * mist) + 0.7 * mist * np.array(rgb(MIST))
    towards = np.array((east, north, max(up, 0.12)))
    towards /= np.linalg.norm(towards)
    reach = 1 - 0.62 * mist
    return Sky(
        sun=towards,
        light=Light(
            sun=(float(towards[0]), float(towards[2]), float(-towards[1])),
            sun_color=color["sun"],
            sky_color=color["sky"],
            ground_color=color["ground"],
            haze_color=_hex(haze),
            haze_from_m=60.0 * reach - 12.0 * mist,
            haze_to_m=520.0 * reach,
            gloss=0.04,
        ),
        zenith=_hex(np.array(rgb(color["zenith"])) * (1 - 0.45 * mist) + 0.45 * mist * haze),
        lamps=float(1 - smoothstep(-1.0, LAMPS_BELOW_DEG, height_deg)),
    )


def _between(height_deg: float, colors: tuple[str, ...]) -> str:
    numbers = np.array([rgb(color) for color in colors])
    return _hex(np.array([np.interp(height_deg, HEIGHTS_DEG, numbers[:, part]) for part in range(3)]))


def _hex(color: Numbers) -> str:
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in np.clip(color, 0, 1))
