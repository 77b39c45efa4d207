"""The reference names every field, event and decision of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from simulators.distributions import Duration
from simulators.production_line import DECISIONS, Event, ProductionLine
from simulators.production_line.decisions import LineState, MachineState, Request, WaitingPart

TEXT = (Path(__file__).parents[3] / "docs" / "production_line.md").read_text(encoding="utf-8")
SPOKEN_OF_ONCE = {"kind", "name", "zh", "en"}


def models(annotation: Any) -> set[type[BaseModel]]:
    """Return the models that an annotation can hold, and those in their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, Duration):
            return set()
        inner = (models(field.annotation) for field in annotation.model_fields.values())
        return {annotation}.union(*inner)
    return set().union(*(models(argument) for argument in get_args(annotation)))


def test_every_field_is_there() -> None:
    found = models(ProductionLine)
    assert {"Station", "Order", "Changeover", "Period", "Component"} <= {model.__name__ for model in found}
    fields = {name for model in found for name in model.model_fields} - SPOKEN_OF_ONCE
    assert not {name for name in fields if f"`{name}`" not in TEXT}


def test_every_choice_is_there() -> None:
    def choices(annotation: Any) -> set[str]:
        inner = get_args(annotation)
        if inner and all(isinstance(choice, str) for choice in inner):
            return set(inner)
        return set().union(*(choices(argument) for argument in inner)) if get_origin(annotation) else set()

    found = {
        choice
        for model in models(ProductionLine)
        for field in model.model_fields.values()
        for choice in choices(field.annotation)
    }
    assert {"edd", "operation", "kanban"} <= found
    assert not {choice for choice in found if f"`{choice}`" not in TEXT and f": {choice}" not in TEXT}


def test_every_event_and_decision_is_there() -> None:
    assert not {event.name for event in Event if f"`{event.name}`" not in TEXT}
    assert not {point for point in DECISIONS if f"`{point}(" not in TEXT}


def test_everything_that_a_policy_is_shown_is_there() -> None:
    shown = {name for view in (WaitingPart, MachineState, LineState, Request) for name in view.__dataclass_fields__}
    assert not {name for name in shown if f"`{name}`" not in TEXT}
