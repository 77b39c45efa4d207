"""Sliders for a decision, with the money counted while they move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
from IPython.display import display as show

from labs.errors import LabError
from labs.phrases import say

if TYPE_CHECKING:
    from labs.workbench import Workbench

__all__ = ["DecisionForm"]

TRY_REPLICATIONS = 10


class DecisionForm:
    """A form for one decision.

    Parameters
    ----------
    bench
        The workbench whose lab it is for.

    Attributes
    ----------
    widget
        What to show.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        lab, language = bench.lab, bench.language
        self._sliders = {
            lever.name: ipywidgets.IntSlider(
                0,
                0,
                lever.maximum,
                description=f"{lever.label.in_language(language)} ({lever.cost:g})",
                style={"description_width": "22em"},
                layout={"width": "min(46em, 95%)"},
            )
            for lever in lab.levers
        }
        self._money = ipywidgets.HTML()
        self._output = ipywidgets.Output()
        self._try = ipywidgets.Button(description=say("try", language), icon="play")
        self._submit = ipywidgets.Button(
            description=say("submit", language), icon="paper-plane", button_style="primary"
        )
        self._submit.add_class("shixun-submit")
        self._try.on_click(lambda _: self._run(self._show_study))
        self._submit.on_click(lambda _: self._run(self._show_score))
        for slider in self._sliders.values():
            slider.observe(lambda _: self._count(), "value")
        self._count()
        buttons = ipywidgets.HBox([self._try, self._submit])
        self.widget = ipywidgets.VBox([*self._sliders.values(), self._money, buttons, self._output])

    def decision(self) -> dict[str, int]:
        """Return what the sliders say."""
        return {name: slider.value for name, slider in self._sliders.items()}

    def _count(self) -> None:
        lab, language = self._bench.lab, self._bench.language
        spent, limit = lab.cost(self.decision()), lab.budget.limit
        over = spent > limit
        note = f" · {say('over_budget', language)}" if over else ""
        self._money.value = (
            f'<b style="color:{"#b3261e" if over else "inherit"}">{say("spent", language)} {spent:g} / '
            f"{limit:g} {lab.budget.unit.in_language(language)}{note}</b>"
        )
        self._try.disabled = self._submit.disabled = over

    def _run(self, step: Any) -> None:  # noqa: ANN401 - one of the two below
        self._output.clear_output()
        self._try.disabled = self._submit.disabled = True
        try:
            with self._output:
                try:
                    step()
                except LabError as error:
                    print(error)  # noqa: T201 - into the form's own output
        finally:
            self._count()

    def _show_study(self) -> None:
        study = self._bench.replicate(self.decision(), replications=TRY_REPLICATIONS)
        show(study, self._bench.chart(study))  # type: ignore[no-untyped-call]

    def _show_score(self) -> None:
        show(self._bench.submit(self.decision()))  # type: ignore[no-untyped-call]
