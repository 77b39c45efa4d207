"""Shows a run in three dimensions: which scene, which window, which renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import ipywidgets as widgets

from twins.errors import NoSceneError, WindowError
from twins.line import line_scene
from twins.player import Player, tick_length_s
from twins.tables import legend, station_table
from twins.threejs import ThreejsRenderer

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Run
    from simulators.production_line import ProductionLine
    from twins.scene import Scene

__all__ = ["SCENES", "show"]

DEFAULT_WINDOW_S = 3600.0
SIZE_PX = (920, 400)


def _line(run: Run, start_s: float, end_s: float) -> Scene:
    return line_scene(cast("ProductionLine", run.scenario), run.journal, start_s, end_s)


def _line_notes(run: Run, language: str) -> tuple[str, ...]:
    line = cast("ProductionLine", run.scenario)
    return legend(line, language), station_table(line, run, language)


SCENES: dict[str, tuple[Callable[[Run, float, float], Scene], Callable[[Run, str], tuple[str, ...]]]] = {
    "production_line": (_line, _line_notes),
}
"""For every kind of scenario: how to build its scene, and the HTML that stands below it."""


def show(run: Run, *, language: str = "zh", start_s: float | None = None, end_s: float | None = None) -> Player:
    """Replay a run in three dimensions, in a notebook.

    Parameters
    ----------
    run
        From :func:`simulators.simulate`.
    language
        ``zh`` for Chinese, else English.
    start_s
        Begin of the window that is replayed, simulated seconds; the end of the warm-up unless given.
    end_s
        Its end; an hour later, or the end of the run, unless given.

    Returns
    -------
    A widget; Jupyter displays it when it is the last thing in a cell.

    Raises
    ------
    NoSceneError
        There is no scene for runs of this kind.
    WindowError
        The window is empty or reaches beyond the run.
    """
    kind, horizon_s = run.scenario.kind, run.scenario.horizon_s
    if kind not in SCENES:
        raise NoSceneError(kind, SCENES)
    begin_s = run.scenario.warm_up_s if start_s is None else start_s
    stop_s = min(begin_s + DEFAULT_WINDOW_S, horizon_s) if end_s is None else end_s
    if not 0 <= begin_s < stop_s <= horizon_s:
        raise WindowError(begin_s, stop_s, horizon_s)
    build, notes = SCENES[kind]
    scene = build(run, begin_s, stop_s)
    tick_s = tick_length_s(stop_s - begin_s)
    renderer = ThreejsRenderer(scene, language=language, tick_s=tick_s, size_px=SIZE_PX)
    return Player(
        renderer,
        start_s=begin_s,
        end_s=stop_s,
        tick_s=tick_s,
        language=language,
        notes=[widgets.HTML(text) for text in notes(run, language)],
        width_px=SIZE_PX[0],
    )
