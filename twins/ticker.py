"""The clock of a scene that pythreejs draws, which runs in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import ipywidgets as widgets
import traitlets

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Ticker"]

_LINKED: dict[str, Any] = {"sync": True, **widgets.widget_serialization}


class Ticker(anywidget.AnyWidget):
    """Moves a slider with an animation; while it plays, the kernel hears nothing unless it is attentive.

    Attributes
    ----------
    slider
        Whose ``index`` is the tick.
    action, mixer
        The animation, whose time is in ticks, and what runs it.
    tick
        What is shown; as of the last pause unless the kernel is attentive.
    ticks
        The last one.
    playing
        Whether the clock runs.
    attentive
        Whether the kernel is told of the tick twice a second while the clock runs.
    """

    _esm = Path(__file__).parent / "web/ticker.js"

    slider = traitlets.Instance(widgets.Widget).tag(**_LINKED)
    action = traitlets.Instance(widgets.Widget).tag(**_LINKED)
    mixer = traitlets.Instance(widgets.Widget).tag(**_LINKED)
    tick = traitlets.Int().tag(sync=True)
    ticks = traitlets.Int(1).tag(sync=True)
    playing = traitlets.Bool().tag(sync=True)
    attentive = traitlets.Bool().tag(sync=True)
