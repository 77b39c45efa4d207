"""Colours of a Suzhou garden, 粉墙黛瓦: white walls, blackish tiles, dark timber, grey stone."""

from __future__ import annotations

__all__ = [
    "BARK",
    "BRICK",
    "EARTH",
    "LACQUER",
    "LIME",
    "MORTAR",
    "PAPER",
    "PAVING",
    "PLINTH",
    "RIDGE",
    "SHADE",
    "STONE",
    "TAIHU",
    "TILE",
    "TIMBER",
]

LIME = "#f6f5f1"
"""Whitewashed walls."""
TILE = "#54595e"
RIDGE = "#3b4045"
MORTAR = "#8b8f91"
"""Drip tiles at the eaves."""
BRICK = "#7d8183"
"""Ground brick, 水磨砖, around openings."""
TIMBER = "#4e3229"
"""Columns and frames."""
LACQUER = "#66392c"
"""Railings and fretwork."""
SHADE = "#33241e"
"""Timber in the shade of a roof."""
PAPER = "#f0e8d2"
"""Windows of paper or shell."""
STONE = "#aeaca3"
PLINTH = "#95938b"
PAVING = "#bdb7a8"
TAIHU = "#a9aaa4"
EARTH = "#8f8468"
BARK = "#5c4a3a"
