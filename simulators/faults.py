"""What does not fit together in a model, each fault at its own field.

A validator of pydantic that raises ``ValueError`` says what is wrong with the model as a whole. Where a model is large,
as a plant is, people want to know the field and the line, and all that is wrong at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UNSOUND", "Fault", "refuse"]

UNSOUND = "unsound"
"""Type, as pydantic calls it, of the errors that `refuse` raises."""


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit.

    Parameters
    ----------
    field
        Dotted path of the field from the model, such as ``part_types.0.route.2``.
    value
        What stands there; None where nothing does.
    message
        What is wrong with it, and what to do.
    """

    field: str
    value: object
    message: str


def refuse(model: str, faults: Iterable[Fault]) -> None:
    """Raise all faults as one error of pydantic's, from within a validator; do nothing if there are none.

    Parameters
    ----------
    model
        Name of the model.
    faults
        What is wrong with it.

    Raises
    ------
    ValidationError
        With one entry a fault, at the fault's field.

    Examples
    --------
    >>> try:
    ...     refuse("Line", [Fault("stations.0.name", "press", "stands twice")])
    ... except ValidationError as error:
    ...     print(error.errors()[0]["loc"], error.errors()[0]["msg"])
    ('stations', 0, 'name') stands twice
    """
    details = [
        InitErrorDetails(
            type=PydanticCustomError(UNSOUND, "{fault}", {"fault": fault.message}),
            loc=tuple(int(part) if part.isdigit() else part for part in fault.field.split(".")),
            input=fault.value,
        )
        for fault in faults
    ]
    if details:
        raise ValidationError.from_exception_data(model, details)
