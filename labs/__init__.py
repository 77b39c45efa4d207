"""Labs: their format, their catalogue, and what a student works with.

In a notebook: ``lab = labs.open("pcb-bottleneck")``, then ``lab.simulate()``, ``lab.twin(run)``, ``lab.twin()``,
``lab.submit(...)``.
"""

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
