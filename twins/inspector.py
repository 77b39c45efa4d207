"""Inspecting a thing in a notebook: a list for the keyboard, and what is known of the one that is chosen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from simulators import Text
from twins.clock import clock_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twins.about import About
    from twins.scene import Target

__all__ = ["Inspector"]

LATEST = 6
INSPECT, NOTHING = Text(zh="查看", en="Inspect"), Text(zh="—", en="—")
QUIET = Text(zh="到此刻还没有发生什么。", en="Nothing has happened here yet.")


class Inspector(widgets.VBox):  # type: ignore[misc]
    """A list of targets and what is told of one.

    Parameters
    ----------
    targets
        What can be chosen.
    about
        What is known of them.
    start_s
        Begin of the window, simulated seconds.
    language
        ``zh`` or ``en``.
    """

    def __init__(self, targets: Sequence[Target], about: About, *, start_s: float, language: str) -> None:
        self._about = about
        self._start_s = self._time_s = start_s
        self._language = language
        self._names = {target.name: target.text.in_language(language) for target in targets}
        self.chooser = widgets.Dropdown(
            options=[(NOTHING.in_language(language), ""), *((text, name) for name, text in self._names.items())],
            description=INSPECT.in_language(language),
            layout=widgets.Layout(width="300px", max_width="98%", display="" if targets else "none"),
            style={"description_width": "initial"},
        )
        self.told = widgets.HTML()
        self.told.add_class("shixun-told")
        self.chooser.observe(lambda _: self._tell(), "value")
        super().__init__([self.chooser, self.told])

    def at(self, time_s: float) -> None:
        """Tell about another time, simulated seconds."""
        self._time_s = time_s
        if self.chooser.value:
            self._tell()

    def _tell(self) -> None:
        name = self.chooser.value
        facts = "".join(
            f"<span style='margin-right:1.4em'>{escape(fact.in_language(self._language))} "
            f"<b>{escape(figure.in_language(self._language))}</b></span>"
            for fact, figure in self._about.facts.get(name, ())
        )
        lines = "".join(f"<div>{escape(line)}</div>" for line in self._latest(name))
        self.told.value = name and f"<b>{escape(self._names[name])}</b><div>{facts}</div>{lines}"

    def _latest(self, name: str) -> list[str]:
        """Return lines about the latest events at a place, the last first."""
        found = self._about.diary
        if found is None or not name:
            return []
        here = [place == name or place.startswith(f"{name}.") for place in found.places]
        until = int(np.searchsorted(found.time_s, self._time_s - self._start_s, side="right"))
        rows = np.flatnonzero(np.array(here)[found.place[:until]])[::-1][:LATEST]
        lines = []
        for row in rows:
            entity = f" #{found.entity[row]}" if found.entity[row] >= 0 else ""
            word = found.words[found.event[row]].in_language(self._language)
            lines.append(f"{clock_text(self._start_s + found.time_s[row])} {word}{entity}")
        return lines or [QUIET.in_language(self._language)]
