"""Plots and plan beside a scene that pythreejs draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anywidget
import ipywidgets as widgets
import traitlets

from twins.canvas import MODULE, answer_plans
from twins.parcel import pack_beside

if TYPE_CHECKING:
    from twins.about import About
    from twins.scene import Scene
    from twins.ticker import Ticker

__all__ = ["Beside"]


class Beside(anywidget.AnyWidget):
    """What is plotted, and the plan; both follow a ticker in the browser.

    Parameters
    ----------
    scene, about
        What it stands beside, and what is told besides.
    ticker
        Whose tick is shown.
    tick_s
        Length of a tick, simulated seconds.
    language
        ``zh`` or ``en``.

    Attributes
    ----------
    chosen
        Name of the target that is inspected, empty for none.
    """

    _esm = MODULE.with_name("beside.js")

    parcel = traitlets.Bytes().tag(sync=True)
    language = traitlets.Enum(["zh", "en"], "zh").tag(sync=True)
    ticker = traitlets.Instance(widgets.Widget).tag(sync=True, **widgets.widget_serialization)
    chosen = traitlets.Unicode().tag(sync=True)

    def __init__(self, scene: Scene, about: About, *, ticker: Ticker, tick_s: float, language: str) -> None:
        packed = pack_beside(scene, about, tick_s=tick_s)
        super().__init__(parcel=packed.to_bytes(), language=language, ticker=ticker)
        if about.plan is not None:
            answer_plans(self, about.plan, scene.start_s, scene.end_s)
