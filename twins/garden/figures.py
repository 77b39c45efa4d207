"""Visitors as small figures, and a guide with a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import bars, joined, quads, triangles
from twins.garden.trees import BALL
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.mesh import Mesh
    from twins.scene import Solid

__all__ = ["CLOTHES", "GUIDE_COLOR", "guide", "visitor"]

CLOTHES = (
    0xF2EEE6, 0xD9D4C8, 0xC9D6DE, 0x9FB4C4, 0x6F8FA8, 0xE6C9B8, 0xD8A48F, 0xB86F5C, 0xC8B98C, 0xA8B08A, 0x8C7A9A,
    0xE0B4BC, 0x5C6670, 0xF0DCA8,
)  # fmt: skip
"""Colours of clothes, 0xRRGGBB."""
GUIDE_COLOR = 0xF2F0EA
HAIR, TROUSERS, SKIN, FLAG = "#3b2f2a", "#59606b", "#e6b998", "#d8352a"


def visitor() -> tuple[Solid, ...]:
    """Return a standing person who looks along x; white takes on the colour of the clothes."""
    return (_body().surface(),)


def guide() -> tuple[Solid, ...]:
    """Return a person who holds up a small red flag."""
    pole = bars([(0.12, -0.26, 1.0)], [(0.16, -0.28, 2.35)], 0.02, "#8a7a5a", sides=3)
    cloth = [(0.16, -0.28, 2.0), (0.16, -0.28, 2.33), (-0.32, -0.28, 2.28), (-0.32, -0.28, 2.02)]
    flag = quads([cloth, cloth[::-1]], FLAG)
    return (joined([_body(), pole, flag]).surface(),)


def _body() -> Mesh:
    foot, hip, chest, neck = ((0.0, 0.0, height) for height in (0.0, 0.78, 1.3, 1.46))
    head = BALL * (0.115, 0.105, 0.13) + (0.0, 0.0, 1.57)
    face = (head[..., 0].mean(axis=1) > 0.03) & (head[..., 2].mean(axis=1) < 1.62)
    colors = np.where(face[:, None], np.array(rgb(SKIN)), np.array(rgb(HAIR)))
    return joined([
        bars([foot], [hip], 0.11, TROUSERS, sides=4, taper=1.35),
        bars([hip], [chest], 0.165, "#ffffff", sides=5, taper=1.28),
        bars([chest], [neck], 0.21, "#ffffff", sides=5, taper=0.3),
        triangles(head, colors, BALL),
    ])  # fmt: skip
