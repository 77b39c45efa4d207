"""Name plates for pythreejs: text on a plate that always faces the viewer, in one size all over the scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pythreejs as p3

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twins.scene import Label

__all__ = ["name_plates"]

FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
LETTER_PX = 56
FIRST_WIDE_LETTER = 0x2E80
"""Letters from here on (Chinese and its neighbours) are as wide as high."""

LONGEST_LINE = 5.5
MARGIN, LINE = 0.6, 1.3
"""Free plate beside the text, and from line to line, in heights of a letter."""


def name_plates(labels: Sequence[Label], language: str, origin_m: NDArray[np.float64]) -> list[p3.Sprite]:
    """Draw labels.

    Parameters
    ----------
    labels
        What is written where.
    language
        ``zh`` or ``en``.
    origin_m
        The point of the scene that is the origin of the drawing.
    """
    texts = [_lines(label.text.in_language(language)) for label in labels]
    fitting = [
        min(label.height_m, label.width_m / (max(map(_width, lines)) + MARGIN))
        for label, lines in zip(labels, texts, strict=True)
    ]
    height = min(fitting, default=0.0)
    return [
        sprite
        for label, lines in zip(labels, texts, strict=True)
        for sprite in _plate(label, lines, height, list(np.array(label.at_m) - origin_m))
    ]


def _width(text: str) -> float:
    """Guess the width of a text in heights of a letter; the browser alone knows the font."""
    return sum(1.0 if ord(letter) > FIRST_WIDE_LETTER else 0.52 for letter in text) + 0.1


def _lines(text: str) -> list[str]:
    """Break a long text in two at the space that leaves the shortest lines."""
    spaces = [position for position, letter in enumerate(text) if letter == " "]
    if _width(text) <= LONGEST_LINE or not spaces:
        return [text]
    at = min(spaces, key=lambda position: abs(2 * position + 1 - len(text)))
    return [text[:at], text[at + 1 :]]


def _plate(label: Label, lines: Sequence[str], height_m: float, at: list[float]) -> list[p3.Sprite]:
    plain = {"transparent": True, "depthTest": False, "depthWrite": False}
    wide = (max(map(_width, lines)) + MARGIN) * height_m
    tall = (LINE * len(lines) + 0.2) * height_m
    material = p3.SpriteMaterial(color=label.color, opacity=0.85, **plain)
    sprites = [p3.Sprite(material=material, position=at, scale=[wide, tall, 1.0], renderOrder=1)]
    for number, line in enumerate(lines):
        side = _width(line) * height_m  # the texture is square, as wide as its text
        rise = ((len(lines) - 1) / 2 - number) * LINE * height_m
        texture = p3.TextTexture(
            string=line, color="white", size=LETTER_PX, fontFace=FONT, squareTexture=True, minFilter="LinearFilter"
        )
        sprites.append(
            p3.Sprite(
                material=p3.SpriteMaterial(map=texture, **plain),
                position=at,
                center=[0.5, 0.5 - rise / side],
                scale=[side, side, 1.0],
                renderOrder=2,
            )
        )
    return sprites
