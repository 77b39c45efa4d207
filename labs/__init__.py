"""Labs: their format, their catalogue, and what a student works with.

In a notebook: ``lab = labs.open("pcb-bottleneck")``, then ``lab.simulate()``, ``lab.twin(run)``, ``lab.twin()``,
``lab.submit(...)``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.catalog import CATALOG, Catalog
    from labs.decision import Budget, Decision, Lever
    from labs.errors import DecisionError, FieldError, LabError, SessionError, SubmissionError, UnknownLabError
    from labs.lab import Lab
    from labs.rubric import CriterionScore, Rubric, Score, score
    from labs.workbench import Workbench
    from labs.workbench import open_lab as open

__all__ = [
    "CATALOG",
    "Budget",
    "Catalog",
    "CriterionScore",
    "Decision",
    "DecisionError",
    "FieldError",
    "Lab",
    "LabError",
    "Lever",
    "Rubric",
    "Score",
    "SessionError",
    "SubmissionError",
    "UnknownLabError",
    "Workbench",
    "open",
    "score",
]

# Loaded when they are asked for: what lays out the labs of a session needs none of the simulators behind them.
_HOMES = {
    "labs.catalog": ("CATALOG", "Catalog"),
    "labs.decision": ("Budget", "Decision", "Lever"),
    "labs.errors": (
        "DecisionError",
        "FieldError",
        "LabError",
        "SessionError",
        "SubmissionError",
        "UnknownLabError",
    ),
    "labs.lab": ("Lab",),
    "labs.rubric": ("CriterionScore", "Rubric", "Score", "score"),
    "labs.workbench": ("Workbench", "open"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value = getattr(import_module(_MODULES[name]), "open_lab" if name == "open" else name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return __all__
