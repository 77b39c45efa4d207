"""Writes matplotlib figures: our fonts, no pyplot, nothing left over."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.font_manager import fontManager

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

__all__ = ["drawing", "shown"]

FONTS = ["Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "DejaVu Sans"]


def drawing(figure: Callable[[], Figure], kind: str, dots_per_inch: int) -> bytes:
    """Draw a figure and return the file.

    Parameters
    ----------
    figure
        Makes it.
    kind
        ``png``, or ``svg``, in which text stays text.
    dots_per_inch
        Of a PNG.
    """
    installed = {font.name for font in fontManager.ttflist}
    fonts = [name for name in FONTS if name in installed]
    settings: dict[Any, Any] = {"font.sans-serif": fonts, "font.family": "sans-serif", "svg.fonttype": "none"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # Where no Chinese font is installed the browser's shows in an SVG, and boxes in a PNG.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        file = BytesIO()
        figure().savefig(file, format=kind, dpi=dots_per_inch)
    return file.getvalue()


def shown(figure: Callable[[], Figure]) -> str:
    """Return a figure as HTML for a notebook; its texts are in the fonts of the reader, who may have more than we."""
    svg = drawing(figure, "svg", 72).decode()
    return f'<div style="overflow-x:auto">{svg[svg.index("<svg") :]}</div>'
