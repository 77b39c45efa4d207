"""Durations as they were measured.

Source of the interpolated one: A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), section 6.2.4.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, ConfigDict, Field, NonNegativeFloat, ValidationInfo, model_validator

from simulators.distributions.data_column import read_column
from simulators.distributions.duration import Duration

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["Empirical"]

MOST_VALUES = 100_000


def _in_order(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sorted(values))


def _offer_file(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema that a file may stand for the values."""
    schema["properties"]["file"] = {"type": "string", "description": "CSV file beside the scenario file"}
    schema["properties"]["column"] = {"type": "string", "description": "heading of its column of durations"}
    schema["required"] = [name for name in schema["required"] if name != "values_s"]
    schema["oneOf"] = [{"required": ["values_s"]}, {"required": ["file", "column"]}]


class Empirical(Duration):
    """Draws from measured durations: as they are (bootstrap), or from the straight lines between them.

    In a scenario file ``file`` and ``column`` may stand for ``values_s``: the column of a CSV file whose path is
    relative to the scenario file. It is read when the scenario is, so that the scenario holds the values themselves.

    Examples
    --------
    >>> Empirical(kind="empirical", values_s=(7, 4, 4, 9)).mean_s
    6.0
    """

    model_config = ConfigDict(json_schema_extra=_offer_file)

    kind: Literal["empirical"]
    values_s: Annotated[tuple[NonNegativeFloat, ...], AfterValidator(_in_order)] = Field(
        min_length=1, max_length=MOST_VALUES, description="measured durations, kept in ascending order"
    )
    interpolate: bool = Field(
        default=False, description="whether durations between two neighbouring measured ones may occur"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_file(cls, data: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - whatever stands in the document
        if not isinstance(data, dict) or not {"file", "column"} & data.keys():
            return data
        others = {name: value for name, value in data.items() if name not in {"file", "column"}}
        if "values_s" in others:
            message = "values_s and file are both given; leave one out"
            raise ValueError(message)
        folder = (info.context or {}).get("folder")
        return {**others, "values_s": read_column(folder, data.get("file"), data.get("column"), MOST_VALUES)}

    @property
    def mean_s(self) -> float:
        """Mean: of the values, or of the lines between them."""
        if len(self.values_s) == 1 or not self.interpolate:
            return math.fsum(self.values_s) / len(self.values_s)
        return math.fsum((a + b) / 2 for a, b in pairwise(self.values_s)) / (len(self.values_s) - 1)

    @property
    def variance_s2(self) -> float:
        """Variance about the mean, of what is drawn (divisor N, not N - 1)."""
        mean_s = self.mean_s
        if len(self.values_s) == 1 or not self.interpolate:
            return math.fsum((value - mean_s) ** 2 for value in self.values_s) / len(self.values_s)
        # A line from a to b is a uniform distribution: its second moment is (a² + ab + b²) / 3.
        deviations = pairwise(value - mean_s for value in self.values_s)
        return math.fsum((a * a + a * b + b * b) / 3 for a, b in deviations) / (len(self.values_s) - 1)

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds, by inversion."""
        return self.quantile(generator.random(count))

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the smallest value that at least a share p does not exceed; interpolated: the point at p (N - 1)."""
        p, last = np.asarray(probability), len(self.values_s) - 1
        if not self.interpolate:
            return self._values(np.ceil(p * (last + 1)) - 1, last)
        position = p * last
        below = np.floor(position)
        left, right = self._values(below, last), self._values(below + 1, last)
        return left + (position - below) * (right - left)

    def _values(self, position: NDArray[np.float64], last: int) -> NDArray[np.float64]:
        # Only what is drawn is looked up: an array of all values would have to be made for every block of draws.
        chosen = np.clip(position, 0, last).astype(np.intp)
        return np.fromiter(map(self.values_s.__getitem__, chosen.tolist()), np.float64, len(chosen))
