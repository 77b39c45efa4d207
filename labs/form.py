"""Sliders for a decision, with the money counted while they move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import ipywidgets
from IPython.display import display as show

from labs.errors import LabError
from labs.phrases import say

if TYPE_CHECKING:
    from labs.decision import Lever
    from labs.lab import Lab

__all__ = ["DecisionForm", "Step"]

Step: TypeAlias = Callable[[dict[str, int]], Sequence[object]]
"""What a button does with a decision; it returns what to show."""


class DecisionForm:
    """A form for one decision.

    Parameters
    ----------
    lab
        The lab it is for.
    language
        ``zh`` or ``en``.
    attempt, submit
        What the two buttons do with the decision; what they return is shown below the form.

    Attributes
    ----------
    widget
        What to show.
    """

    def __init__(self, lab: Lab, language: str, *, attempt: Step, submit: Step) -> None:
        self._lab = lab
        self._language = language
        unit = lab.budget.unit.in_language(language)
        self._sliders = {lever.name: _control(lever, language) for lever in lab.levers}
        caption = ipywidgets.HTML(f"<small>{say('lever', language)} ({say('cost', language)}, {unit})</small>")
        self._money = ipywidgets.HTML()
        self._output = ipywidgets.Output()
        self._try = ipywidgets.Button(description=say("try", language), icon="play")
        self._submit = ipywidgets.Button(
            description=say("submit", language), icon="paper-plane", button_style="primary"
        )
        self._submit.add_class("shixun-submit")
        self._try.on_click(lambda _: self._run(attempt))
        self._submit.on_click(lambda _: self._run(submit))
        for slider in self._sliders.values():
            slider.observe(lambda _: self._count(), "value")
        self._count()
        buttons = ipywidgets.HBox([self._try, self._submit])
        self.widget = ipywidgets.VBox([caption, *self._sliders.values(), self._money, buttons, self._output])

    def decision(self) -> dict[str, int]:
        """Return what the sliders say."""
        return {name: slider.value for name, slider in self._sliders.items()}

    def _count(self) -> None:
        lab, language = self._lab, self._language
        spent, limit = lab.cost(self.decision()), lab.budget.limit
        over = spent > limit
        note = f" · {say('over_budget', language)}" if over else ""
        self._money.value = (
            f'<b style="color:{"#b3261e" if over else "inherit"}">{say("spent", language)} {spent:g} / '
            f"{limit:g} {lab.budget.unit.in_language(language)}{note}</b>"
        )
        self._try.disabled = self._submit.disabled = over

    def _run(self, step: Step) -> None:
        self._output.clear_output()
        self._try.disabled = self._submit.disabled = True
        try:
            with self._output:
                try:
                    show(*step(self.decision()))  # type: ignore[no-untyped-call]
                except LabError as error:
                    print(error)  # noqa: T201 - into the form's own output
        finally:
            self._count()


def _control(lever: Lever, language: str) -> ipywidgets.IntSlider | ipywidgets.Dropdown:
    """Return a slider for units, or a list to choose from."""
    look = {
        "description": f"{lever.label.in_language(language)} ({lever.cost:g})",
        "style": {"description_width": "28em"},
        "layout": {"width": "min(56em, 95%)"},
    }
    if lever.operation != "choose":
        return ipywidgets.IntSlider(0, 0, lever.maximum, **look)
    choices = [(say("as_it_is", language), 0)]
    choices += [(choice.label.in_language(language), number) for number, choice in enumerate(lever.choices, 1)]
    return ipywidgets.Dropdown(options=choices, value=0, **look)
