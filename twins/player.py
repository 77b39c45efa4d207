"""The controls around a scene that pythreejs draws: play and pause, speed, a slider for the time, legend and table.

While it plays, everything happens in the browser: the renderer's clock moves the scene at every frame, and the slider
follows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from simulators import Text
from twins.clock import SPEEDS, clock_text, first_speed
from twins.ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twins.beside import Beside
    from twins.inspector import Inspector
    from twins.renderer import Renderer

__all__ = ["Player", "tick_length_s"]

MOST_TICKS = 7200

PLAY, PAUSE = Text(zh="播放", en="Play"), Text(zh="暂停", en="Pause")
AGAIN = Text(zh="回到开头", en="Back to start")
SPEED, TIME = Text(zh="速度", en="Speed"), Text(zh="时刻", en="Time")


def tick_length_s(span_s: float) -> float:
    """Return the step of the time slider, in seconds: 1, or more where the window is too long for that.

    Examples
    --------
    >>> tick_length_s(3600)
    1.0
    >>> tick_length_s(8 * 3600)
    4.0
    """
    return float(max(1, -(-span_s // MOST_TICKS)))


class Player(widgets.VBox):  # type: ignore[misc]
    """A scene with its controls; serves :class:`twins.renderer.View`.

    Parameters
    ----------
    renderer
        The drawn scene.
    beside
        Makes what stands beside it and follows its ticker: plots, a plan.
    start_s, end_s
        The window of simulated time.
    tick_s
        Step of the slider and tick of the renderer's clock, in simulated seconds.
    language
        ``zh`` or ``en``.
    notes
        What stands below: legend, table.
    inspector
        What tells about the thing that is chosen.
    width_px
        Width of all that, the scene's own; less where the page is narrower.
    """

    def __init__(
        self,
        renderer: Renderer,
        beside: Callable[[Ticker], Beside],
        *,
        start_s: float,
        end_s: float,
        tick_s: float,
        language: str,
        notes: Sequence[widgets.Widget],
        inspector: Inspector,
        width_px: int,
    ) -> None:
        self.start_s, self.end_s = start_s, end_s
        self.inspector = inspector
        self._renderer = renderer
        self._tick_s = tick_s
        self._language = language
        ticks = max(1, int((end_s - start_s) / tick_s))
        self.toggle = widgets.ToggleButton(button_style="primary", layout=widgets.Layout(flex="none", width="96px"))
        self.again = widgets.Button(
            icon="step-backward", tooltip=AGAIN.in_language(language), layout=widgets.Layout(flex="none", width="44px")
        )
        self.speeds = widgets.Dropdown(
            options=[(f"{speed}×", speed) for speed in SPEEDS],
            value=first_speed(end_s - start_s),
            description=SPEED.in_language(language),
            layout=widgets.Layout(flex="none", width="150px"),
            style={"description_width": "initial"},
        )
        self.slider = widgets.SelectionSlider(
            options=[clock_text(start_s + tick * tick_s) for tick in range(ticks + 1)],
            description=TIME.in_language(language),
            continuous_update=True,
            layout=widgets.Layout(flex="1 1 220px"),
            style={"description_width": "initial"},
        )
        action, mixer = renderer.clock
        self.ticker = Ticker(
            slider=self.slider, action=action, mixer=mixer, ticks=ticks, layout=widgets.Layout(display="none")
        )
        # Kept, because a link ends with its Python object.
        self._link = widgets.jslink((self.toggle, "value"), (self.ticker, "playing"))
        self.toggle.observe(self._on_toggle, "value")
        self.speeds.observe(lambda _: self._set_speed(), "value")
        self.again.on_click(self._back)
        renderer.on_choice(self._choose)
        inspector.chooser.observe(self._on_choice, "value")
        self.beside = beside(self.ticker)
        self._same = widgets.link((inspector.chooser, "value"), (self.beside, "chosen"))
        self.ticker.observe(lambda _: inspector.at(self.time_s), "tick")
        self._set_speed()
        self._name_toggle()
        bar = widgets.HBox(
            [self.toggle, self.again, self.speeds, self.slider, self.ticker],
            layout=widgets.Layout(align_items="center", flex_flow="row wrap", width="100%"),
        )
        super().__init__(
            [renderer.widget, bar, inspector, self.beside, *notes],
            layout=widgets.Layout(width=f"{width_px}px", max_width="100%"),
        )

    @property
    def time_s(self) -> float:
        """What is shown, simulated seconds; in whole ticks."""
        return float(self.start_s + self.ticker.tick * self._tick_s)

    @time_s.setter
    def time_s(self, time_s: float) -> None:
        self.ticker.tick = min(max(round((time_s - self.start_s) / self._tick_s), 0), self.ticker.ticks)

    @property
    def playing(self) -> bool:
        """Whether the clock runs."""
        return bool(self.toggle.value)

    @playing.setter
    def playing(self, playing: bool) -> None:
        self.toggle.value = playing

    @property
    def speed(self) -> float:
        """Simulated seconds a second: one of `SPEEDS`."""
        return float(self.speeds.value)

    @speed.setter
    def speed(self, speed: float) -> None:
        self.speeds.value = speed

    @property
    def chosen(self) -> str:
        """Name of the target that is inspected, empty for none."""
        return str(self.inspector.chooser.value)

    @chosen.setter
    def chosen(self, name: str) -> None:
        self.inspector.chooser.value = name

    def _choose(self, name: str) -> None:
        """Choose what was clicked on; a second click lets go of it."""
        self.chosen = "" if name == self.chosen else name

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object] | None:
        """Display the widget, and start drawing frames once it is on the page."""
        bundle: dict[str, object] | None = super()._repr_mimebundle_(**kwargs)
        self._renderer.start()
        return bundle

    def _set_speed(self) -> None:
        self._renderer.set_speed(self.speeds.value)

    def _on_choice(self, change: dict[str, str]) -> None:
        self._renderer.mark(change["new"])
        self.ticker.attentive = bool(change["new"])  # what is told of a thing changes with the time

    def _name_toggle(self) -> None:
        playing = self.toggle.value
        self.toggle.description = (PAUSE if playing else PLAY).in_language(self._language)
        self.toggle.icon = "pause" if playing else "play"

    def _on_toggle(self, _: object) -> None:
        self._name_toggle()
        if self.toggle.value:
            self._renderer.start()  # a page that was loaded anew does not draw frames yet

    def _back(self, _: object) -> None:
        self.ticker.tick = 0
