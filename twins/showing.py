"""Shows a run in three dimensions: which scene, which window, which renderer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import ipywidgets as widgets
import numpy as np

from simulators import Text
from twins.about import About
from twins.beside import Beside
from twins.canvas import Canvas
from twins.cluster import cluster_scene
from twins.cluster_notes import cluster_facts, cluster_figures, cluster_legend
from twins.diary import diary
from twins.errors import NoSceneError, RendererError, WindowError
from twins.garden import busiest_s, garden_facts, garden_movers, garden_notes, garden_scene
from twins.inspector import Inspector
from twins.line import line_scene
from twins.plans import PLANS, plan
from twins.player import Player, tick_length_s
from twins.plots import cluster_series, garden_series, line_series
from twins.tables import legend, station_facts, station_table
from twins.threejs import ThreejsRenderer
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators import Run
    from simulators.compute_cluster import ComputeCluster
    from simulators.heritage_garden import HeritageGarden
    from simulators.production_line import ProductionLine
    from twins.about import Plotted
    from twins.renderer import View
    from twins.scene import Movers, Scene

__all__ = ["RENDERERS", "SCENES", "Shown", "about_of", "movers_of", "plots_of", "scene_of", "show", "window_of"]

SIZE_PX = (920, 400)
BUSY_SPAN_S = 600.0
"""Of a garden's day, that much is shown: more would hold more movement than a page takes."""
TRAVEL_S = 1.2
"""Of a cluster that is running, a job is seen to travel for so long, seconds of the viewer's."""
PLOTTED = 240
"""Values in a plot of a running plant."""
RENDERER_VARIABLE, USUAL_RENDERER = "SHIXUN_RENDERER", "anywidget"


@dataclass(frozen=True)
class Shown:
    """How runs of one kind of scenario are shown.

    Parameters
    ----------
    scene
        Builds the scene of a run's window (begin and end in simulated seconds), with what else the kind understands.
    notes
        Writes the HTML that stands below, in a language.
    facts
        What is known of targets.
    series
        What is plotted over a window, in steps of a length if one is given.
    begin_s
        Where the window begins unless somebody says; the end of the warm-up unless given.
    span_s
        Its length unless somebody says.
    plotted_s
        How far plots of a plant that is running go back.
    movers
        What moves in the scene of a window, where that is made much sooner than all of it.
    legend
        Writes the HTML that stands below the scene of a plant that is running, in a language.
    look_at_speed
        What else a scene is told of a plant that runs so many simulated seconds a second, 0 if that is not known.
    """

    scene: Callable[..., Scene]
    notes: Callable[[Run, str], tuple[str, ...]] = lambda _run, _language: ()
    facts: Callable[[Run], Mapping[str, tuple[tuple[Text, Text], ...]]] = lambda _run: {}
    series: Callable[..., tuple[Plotted, ...]] = lambda _run, _start_s, _end_s, _step_s=None: ()
    begin_s: Callable[[Run], float] = lambda run: run.scenario.warm_up_s
    span_s: float = 3600.0
    plotted_s: float = 3600.0
    movers: Callable[[Run, float, float], tuple[Movers, ...]] | None = None
    legend: Callable[[Run, str], str] = lambda _run, _language: ""
    look_at_speed: Callable[[float], Mapping[str, float]] = lambda _speed: {}


def _line(run: Run, start_s: float, end_s: float) -> Scene:
    return line_scene(cast("ProductionLine", run.scenario), run.journal, start_s, end_s)


def _line_notes(run: Run, language: str) -> tuple[str, ...]:
    line = cast("ProductionLine", run.scenario)
    return legend(line, language), station_table(line, run, language)


def _line_legend(run: Run, language: str) -> str:
    return legend(cast("ProductionLine", run.scenario), language)


def _cluster(run: Run, start_s: float, end_s: float, way_s: float | None = None) -> Scene:
    return cluster_scene(cast("ComputeCluster", run.scenario), run.journal, start_s, end_s, way_s=way_s)


def _way_at_speed(speed: float) -> Mapping[str, float]:
    """Let jobs be seen to travel for a while of the viewer's."""
    return {"way_s": TRAVEL_S * speed} if speed else {}


def _cluster_notes(run: Run, language: str) -> tuple[str, ...]:
    return cluster_legend(run, language), cluster_figures(run, language)


def _garden(run: Run, start_s: float, end_s: float, **look: Any) -> Scene:  # noqa: ANN401 - see `show`
    return garden_scene(cast("HeritageGarden", run.scenario), run.journal, start_s, end_s, **look)


def _visitors(run: Run, start_s: float, end_s: float) -> tuple[Movers, ...]:
    return garden_movers(cast("HeritageGarden", run.scenario), run.journal, start_s, end_s)


SCENES: dict[str, Shown] = {
    "compute_cluster": Shown(
        _cluster,
        _cluster_notes,
        cluster_facts,
        cluster_series,
        span_s=43_200.0,
        plotted_s=43_200.0,
        legend=lambda run, language: cluster_legend(run, language, running=True),
        look_at_speed=_way_at_speed,
    ),
    "heritage_garden": Shown(
        _garden,
        garden_notes,
        garden_facts,
        garden_series,
        begin_s=lambda run: busiest_s(run, BUSY_SPAN_S),
        span_s=BUSY_SPAN_S,
        plotted_s=7200.0,
        movers=_visitors,
        legend=lambda run, language: garden_notes(run, language)[0],
    ),
    "production_line": Shown(_line, _line_notes, station_facts, line_series, legend=_line_legend),
}
"""For every kind of scenario, how it is shown."""


def show(
    run: Run | Twin,
    *,
    language: str = "zh",
    start_s: float | None = None,
    end_s: float | None = None,
    renderer: str | None = None,
    **look: Any,  # noqa: ANN401 - what a kind of scene understands
) -> View:
    """Replay a run, or what has happened in a twin, in three dimensions, in a notebook.

    Parameters
    ----------
    run
        From :func:`simulators.simulate`, or a twin.
    language
        ``zh`` for Chinese, else English.
    start_s
        Begin of the window that is replayed, simulated seconds; the end of the warm-up unless given, of a twin so that
        its present is the end.
    end_s
        Its end; an hour later, or the end of the run, unless given.
    renderer
        ``anywidget`` (current three.js) or ``pythreejs``; what the variable SHIXUN_RENDERER says unless given.
    look
        What else this kind of scene understands, such as a garden's season.

    Returns
    -------
    A widget; Jupyter displays it when it is the last thing in a cell.

    Raises
    ------
    NoSceneError
        There is no scene for runs of this kind.
    WindowError
        The window is empty or reaches beyond the run.
    RendererError
        There is no such renderer.
    """
    drawn_by = renderer or os.environ.get(RENDERER_VARIABLE) or USUAL_RENDERER
    if drawn_by not in RENDERERS:
        raise RendererError(drawn_by, RENDERERS)
    if isinstance(run, Twin):
        run = run.run()
        if start_s is None and end_s is None:
            start_s = max(0.0, run.scenario.horizon_s - _shown(run).span_s)
    begin_s, stop_s = window_of(run, start_s, end_s)
    spoken = "zh" if language.lower().startswith("zh") else "en"
    return RENDERERS[drawn_by](scene_of(run, begin_s, stop_s, **look), about_of(run, begin_s, stop_s), spoken)


def window_of(run: Run, start_s: float | None = None, end_s: float | None = None) -> tuple[float, float]:
    """Return the window of a run that is shown, simulated seconds.

    Raises
    ------
    NoSceneError
        There is no scene for runs of this kind.
    WindowError
        The window is empty or reaches beyond the run.
    """
    shown, horizon_s = _shown(run), run.scenario.horizon_s
    begin_s = shown.begin_s(run) if start_s is None else start_s
    stop_s = min(begin_s + shown.span_s, horizon_s) if end_s is None else end_s
    if not 0 <= begin_s < stop_s <= horizon_s:
        raise WindowError(begin_s, stop_s, horizon_s)
    return begin_s, stop_s


def scene_of(run: Run, start_s: float, end_s: float, **look: Any) -> Scene:  # noqa: ANN401 - see `show`
    """Return the scene of a run's window; raises as :func:`window_of` does."""
    return _shown(run).scene(run, *window_of(run, start_s, end_s), **look)


def movers_of(run: Run, start_s: float, end_s: float, **look: Any) -> tuple[Movers, ...]:  # noqa: ANN401 - see `show`
    """Return what moves in the scene of a run's window; raises as :func:`window_of` does."""
    make = _shown(run).movers
    if make is None:
        return scene_of(run, start_s, end_s, **look).movers
    return make(run, *window_of(run, start_s, end_s))


def plots_of(run: Run, now_s: float) -> tuple[float, tuple[Plotted, ...]]:
    """Return where the plots of a running plant begin, and what is plotted from there to now.

    Values stand at whole steps, so that lines grow and do not tremble when they are drawn anew.
    """
    shown = _shown(run)
    step_s = shown.plotted_s / PLOTTED
    start_s = max(0.0, np.floor((now_s - shown.plotted_s) / step_s) * step_s)
    return float(start_s), shown.series(run, float(start_s), now_s, step_s)


def about_of(run: Run, start_s: float, end_s: float) -> About:
    """Return what is told about a run's window besides its scene; raises as :func:`window_of` does."""
    shown = _shown(run)
    notes = {language: "".join(shown.notes(run, language)) for language in ("zh", "en")}
    last_s = np.nextafter(run.scenario.horizon_s, 0)

    def draw(time_s: float, language: str) -> str:
        return plan(run, min(time_s, last_s), language=language).svg

    return About(
        notes=Text(**notes) if all(notes.values()) else None,
        facts=shown.facts(run),
        diary=diary(run.scenario.kind, run.journal, start_s, end_s),
        series=shown.series(run, start_s, end_s),
        plan=draw if run.scenario.kind in PLANS else None,
    )


def _shown(run: Run) -> Shown:
    kind = run.scenario.kind
    if kind not in SCENES:
        raise NoSceneError(kind, SCENES)
    return SCENES[kind]


def _by_pythreejs(scene: Scene, about: About, language: str) -> View:
    tick_s = tick_length_s(scene.end_s - scene.start_s)
    return Player(
        ThreejsRenderer(scene, language=language, tick_s=tick_s, size_px=SIZE_PX),
        lambda ticker: Beside(scene, about, ticker=ticker, tick_s=tick_s, language=language),
        start_s=scene.start_s,
        end_s=scene.end_s,
        tick_s=tick_s,
        language=language,
        notes=[widgets.HTML(about.notes.in_language(language))] if about.notes else [],
        inspector=Inspector(scene.targets, about, start_s=scene.start_s, language=language),
        width_px=SIZE_PX[0],
    )


def _by_anywidget(scene: Scene, about: About, language: str) -> View:
    return Canvas(scene, language=language, about=about)


RENDERERS: dict[str, Callable[[Scene, About, str], View]] = {
    "anywidget": _by_anywidget,
    "pythreejs": _by_pythreejs,
}
"""Who draws, by the names that the setting knows."""
