"""Draws a scene in a notebook by the module in ``twins/web``: current three.js, and controls of its own.

Everything happens in the browser; the kernel hears only what somebody has pressed, and draws the plan where it is
unfolded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import traitlets

from twins.clock import first_speed
from twins.parcel import pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from twins.about import About
    from twins.scene import Scene

__all__ = ["MODULE", "Canvas", "answer_plans"]

MODULE = Path(__file__).parent / "web/twin.js"
"""What `npm run build` makes of ``twins/web/source``."""


class Canvas(anywidget.AnyWidget):
    """A scene with its controls; serves :class:`twins.renderer.View`.

    Parameters
    ----------
    scene
        What to draw.
    language
        ``zh`` or ``en``.
    about
        What is told besides.

    Attributes
    ----------
    sharp
        Whether every frame is drawn in full; else fewer pixels are drawn while it plays and frames come too slowly.
    """

    _esm = MODULE

    parcel = traitlets.Bytes().tag(sync=True)
    language = traitlets.Enum(["zh", "en"], "zh").tag(sync=True)
    playing = traitlets.Bool().tag(sync=True)
    time_s = traitlets.Float().tag(sync=True)
    speed = traitlets.Float(10.0, min=0.001).tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    sharp = traitlets.Bool().tag(sync=True)

    def __init__(self, scene: Scene, *, language: str, about: About) -> None:
        self.start_s, self.end_s = scene.start_s, scene.end_s
        super().__init__(
            parcel=pack(scene, about).to_bytes(),
            language=language,
            time_s=scene.start_s,
            speed=first_speed(scene.end_s - scene.start_s),
        )
        if about.plan is not None:
            answer_plans(self, about.plan, scene.start_s, scene.end_s)

    @traitlets.validate("time_s")
    def _within(self, proposal: dict[str, Any]) -> float:
        return min(max(float(proposal["value"]), self.start_s), self.end_s)


def answer_plans(widget: anywidget.AnyWidget, plan: Callable[[float, str], str], start_s: float, end_s: float) -> None:
    """Draw plans for a widget's browser, which asks while the clock rests and the plan is unfolded.

    Parameters
    ----------
    widget
        Which the browser asks, and which answers.
    plan
        Draws the plan of a moment, simulated seconds, in a language.
    start_s, end_s
        Of what moments.
    """

    def draw(_: object, asked: dict[str, Any], __: object) -> None:
        moment_s = min(max(float(asked["time_s"]), start_s), end_s)
        widget.send({**asked, "plan": plan(moment_s, str(asked["language"]))})

    widget.on_msg(draw)
