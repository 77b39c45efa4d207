"""The controls around a drawn scene: play and pause, speed, a slider for the time, legend and table.

While it plays, everything happens in the browser: the renderer's clock moves the scene at every frame, and a ticking
``Play`` a few times a second moves the slider and keeps the clock true to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from simulators import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twins.renderer import Renderer

__all__ = ["SPEEDS", "Player", "clock_text", "tick_length_s"]

SPEEDS = (1, 2, 5, 10, 20, 60, 200)
"""Simulated seconds a second."""

FIRST_SPEED = 10
TICK_EVERY_S = 0.5
MOST_TICKS = 7200

PLAY, PAUSE = Text(zh="播放", en="Play"), Text(zh="暂停", en="Pause")
AGAIN = Text(zh="回到开头", en="Back to start")
SPEED, TIME = Text(zh="速度", en="Speed"), Text(zh="时刻", en="Time")


def clock_text(time_s: float) -> str:
    """Return a simulated time as ``h:mm:ss``.

    Examples
    --------
    >>> clock_text(3661.4)
    '1:01:01'
    """
    seconds = int(time_s)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


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
    """A scene with its controls.

    Parameters
    ----------
    renderer
        The drawn scene.
    start_s, end_s
        The window of simulated time.
    tick_s
        Step of the slider and tick of the renderer's clock, in simulated seconds.
    language
        ``zh`` or ``en``.
    notes
        What stands below: legend, table.
    width_px
        Width of all that, the scene's own; less where the page is narrower.
    """

    def __init__(
        self,
        renderer: Renderer,
        *,
        start_s: float,
        end_s: float,
        tick_s: float,
        language: str,
        notes: Sequence[widgets.Widget],
        width_px: int,
    ) -> None:
        self._renderer = renderer
        self._tick_s = tick_s
        self._language = language
        ticks = max(1, int((end_s - start_s) / tick_s))
        self.play = widgets.Play(min=0, max=ticks, show_repeat=False, layout=widgets.Layout(display="none"))
        self.toggle = widgets.ToggleButton(button_style="primary", layout=widgets.Layout(width="96px"))
        self.again = widgets.Button(
            icon="step-backward", tooltip=AGAIN.in_language(language), layout=widgets.Layout(width="44px")
        )
        self.speed = widgets.Dropdown(
            options=[(f"{speed}×", speed) for speed in SPEEDS],
            value=FIRST_SPEED,
            description=SPEED.in_language(language),
            layout=widgets.Layout(width="150px"),
            style={"description_width": "initial"},
        )
        self.slider = widgets.SelectionSlider(
            options=[clock_text(start_s + tick * tick_s) for tick in range(ticks + 1)],
            description=TIME.in_language(language),
            continuous_update=True,
            layout=widgets.Layout(flex="1 1 auto"),
            style={"description_width": "initial"},
        )
        # Kept, because a link ends with its Python object.
        self._links = (
            widgets.jslink((self.toggle, "value"), (self.play, "playing")),
            widgets.jslink((self.play, "value"), (self.slider, "index")),
            widgets.jsdlink((self.play, "value"), renderer.tick_link),
            widgets.jsdlink((self.play, "playing"), renderer.running_link),
        )
        self.toggle.observe(self._on_toggle, "value")
        self.speed.observe(lambda _: self._set_speed(), "value")
        self.again.on_click(self._back)
        renderer.on_tick(self._on_tick)
        self._set_speed()
        self._name_toggle()
        bar = widgets.HBox(
            [self.toggle, self.again, self.speed, self.slider, self.play],
            layout=widgets.Layout(align_items="center", width="100%"),
        )
        super().__init__([renderer.widget, bar, *notes], layout=widgets.Layout(width=f"{width_px}px", max_width="100%"))

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object] | None:
        """Display the widget, and start drawing frames once it is on the page."""
        bundle: dict[str, object] | None = super()._repr_mimebundle_(**kwargs)
        self._renderer.start()
        return bundle

    def _set_speed(self) -> None:
        speed = self.speed.value
        step = max(1, round(speed * TICK_EVERY_S / self._tick_s))
        self.play.step = step
        self.play.interval = round(step * self._tick_s / speed * 1000)
        self._renderer.set_speed(speed)

    def _name_toggle(self) -> None:
        playing = self.toggle.value
        self.toggle.description = (PAUSE if playing else PLAY).in_language(self._language)
        self.toggle.icon = "pause" if playing else "play"

    def _on_toggle(self, _: object) -> None:
        self._name_toggle()
        if self.toggle.value:
            self._renderer.start()  # a page that was loaded anew does not draw frames yet
        else:
            self._renderer.ask_tick()

    def _on_tick(self, tick: float) -> None:
        """After a pause, put slider and clock on the same whole tick."""
        if not self.toggle.value:
            self.play.value = round(tick)

    def _back(self, _: object) -> None:
        self.play.value = 0
