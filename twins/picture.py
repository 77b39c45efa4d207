"""A drawing for notebooks and pages, as SVG."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Picture", "drawn"]

FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', system-ui, sans-serif"


@dataclass(frozen=True)
class Picture:
    """A drawing that Jupyter shows in its place when it is the last thing in a cell.

    Parameters
    ----------
    svg
        The drawing as an SVG document; ``Path("chart.svg").write_text(picture.svg)`` keeps it.
    title
        What it shows, for whoever cannot see it.
    """

    svg: str
    title: str

    def _repr_html_(self) -> str:
        """Return the drawing in a box that scrolls, also by keyboard, where the page is narrower."""
        label = escape(self.title, quote=True)
        return f'<div tabindex="0" role="group" aria-label="{label}" style="overflow-x:auto">{self.svg}</div>'


def drawn(title: str, description: str, size_px: tuple[float, float], elements: Iterable[str]) -> Picture:
    """Put a drawing together.

    Parameters
    ----------
    title, description
        What it shows, in short and in full, for whoever cannot see it.
    size_px
        Width and height.
    elements
        SVG elements in order; ``{id}`` in them becomes a word that no other drawing on the page has.
    """
    width, height = (f"{extent:g}" for extent in size_px)
    body = "".join(elements)
    word = "p" + hashlib.sha256((title + description + body).encode()).hexdigest()[:10]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="{word}-title {word}-description" font-family="{escape(FONT, quote=True)}" '
        f'font-size="12" fill="#1b2733"><title id="{word}-title">{escape(title)}</title>'
        f'<desc id="{word}-description">{escape(description)}</desc>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{body.replace("{id}", word)}</svg>'
    )
    return Picture(svg, title)
