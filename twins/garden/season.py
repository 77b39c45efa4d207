"""What the seasons change: leaves, ground, blossom, lotus, snow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twins.garden.species import Form

__all__ = ["SEASONS", "Seasonal"]


@dataclass(frozen=True)
class Seasonal:
    """Colours and growth in a season.

    Parameters
    ----------
    moss, earth, grass, paving
        ``#rrggbb`` of the ground.
    leaves
        Colours of the leaves of every form of plant, several to vary them.
    fullness
        Share of the leaves of deciduous trees that hang on them.
    blossom
        Share of the leaves of flowering trees that are flowers.
    lotus
        How far lotus has grown, 0 to 1, in colours of ``lotus_leaf``; flowers where ``lotus_flowers``.
    snow
        Share of the colour of what faces the sky that is snow.
    """

    moss: str
    earth: str
    grass: str
    paving: str
    leaves: Mapping[Form, tuple[str, ...]]
    fullness: float
    blossom: float
    lotus: float
    lotus_leaf: str
    lotus_flowers: bool
    snow: float = 0.0


EVERGREEN = ("#3f5b38", "#4a683d", "#55723f")
PINE = ("#3a5540", "#456149", "#4d6b4b")
BAMBOO = ("#6f8f4a", "#7d9c52", "#8aa65c")

SEASONS: Mapping[str, Seasonal] = {
    "spring": Seasonal(
        moss="#8c9c68", earth="#a39a7c", grass="#93a866", paving="#bfb9aa",
        leaves={"broad": ("#6f8f4c", "#7f9d55", "#8fab62"), "evergreen": EVERGREEN, "pine": PINE, "bamboo": BAMBOO,
                "willow": ("#9db663", "#abc26e", "#8fab58"), "maple": ("#8f9a4e", "#a08a4c", "#93a456"),
                "flowering": ("#8ba25f", "#97ac6a", "#7f9a58"), "ginkgo": ("#93ac5e", "#9db567", "#86a155"),
                "wisteria": ("#8aa060", "#97ab6c", "#7d9557")},
        fullness=0.85, blossom=0.75, lotus=0.35, lotus_leaf="#7c9a68", lotus_flowers=False,
    ),
    "summer": Seasonal(
        moss="#7d9160", earth="#978f70", grass="#82995a", paving="#bcb6a7",
        leaves={"broad": ("#4f7440", "#5c8047", "#688b4d"), "evergreen": EVERGREEN, "pine": PINE, "bamboo": BAMBOO,
                "willow": ("#7c9c52", "#89a75b", "#6f9049"), "maple": ("#5f8148", "#6d8c4c", "#7a8a48"),
                "flowering": ("#5d7f47", "#68894d", "#54753f"), "ginkgo": ("#6a8e4a", "#769850", "#5f8344"),
                "wisteria": ("#628349", "#6d8d50", "#587a42")},
        fullness=1.0, blossom=0.0, lotus=1.0, lotus_leaf="#5f8a55", lotus_flowers=True,
    ),
    "autumn": Seasonal(
        moss="#93935f", earth="#a8946c", grass="#a39d62", paving="#bdb5a4",
        leaves={"broad": ("#9c8a45", "#b08d41", "#8a8a4c"), "evergreen": EVERGREEN, "pine": PINE, "bamboo": BAMBOO,
                "willow": ("#a5a055", "#b3aa5c", "#93954e"), "maple": ("#b0412c", "#c25a33", "#9c3529"),
                "flowering": ("#a47a42", "#8f8448", "#b08a46"), "ginkgo": ("#d9ac3c", "#e2bb4c", "#c99a35"),
                "wisteria": ("#a39a50", "#b0a558", "#8f8c48")},
        fullness=0.9, blossom=0.0, lotus=0.75, lotus_leaf="#8d8350", lotus_flowers=False,
    ),
    "winter": Seasonal(
        moss="#8f8f78", earth="#a0957f", grass="#9c9678", paving="#bdb9b0",
        leaves={"broad": ("#8a7a58", "#7d6f52", "#94855f"), "evergreen": EVERGREEN, "pine": PINE,
                "bamboo": ("#71874f", "#7d9258", "#67804a"), "willow": ("#9a8f64", "#8c8259", "#a5996c"),
                "maple": ("#8a6a4c", "#7d5f45", "#967553"), "flowering": ("#8a7a5c", "#7d6f52", "#94855f"),
                "ginkgo": ("#94855f", "#8a7a58", "#9c8d66"), "wisteria": ("#8a7a58", "#7d6f52", "#94855f")},
        fullness=0.0, blossom=0.0, lotus=0.0, lotus_leaf="#8a7b57", lotus_flowers=False, snow=0.85,
    ),
}  # fmt: skip
"""By the name of the season."""
