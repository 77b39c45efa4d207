"""What a kilowatt-hour costs and emits, by the hour of the day."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray  # noqa: TC002 - pydantic reads it
from pydantic import Field, NonNegativeFloat, model_validator

from simulators.compute_cluster.machines import Part

__all__ = ["Period", "Tariff"]

HOURS = 24
HOUR_S = 3600.0


class Period(Part):
    """A price that holds from an hour of the day on, until the next period begins."""

    from_hour: int = Field(ge=0, lt=HOURS)
    price_per_kwh: NonNegativeFloat
    carbon_g_per_kwh: NonNegativeFloat = 0.0


class Tariff(Part):
    """Electricity: price and carbon intensity by hour of the day, and what the building adds (PUE)."""

    pue: float = Field(default=1.0, ge=1.0, description="power usage effectiveness: the building's power / the nodes'")
    currency: str = Field(default="CNY", min_length=1, max_length=8)
    periods: tuple[Period, ...] = Field(default=(Period(from_hour=0, price_per_kwh=0.0),), min_length=1)

    @model_validator(mode="after")
    def _covers_the_day_in_order(self) -> Self:
        hours = [period.from_hour for period in self.periods]
        if hours[0] != 0:
            message = f"periods.0.from_hour = {hours[0]} must be 0: the day begins there"
            raise ValueError(message)
        for position, (one, other) in enumerate(pairwise(hours), 1):
            if other <= one:
                message = f"periods.{position}.from_hour = {other} must be > {one}, that of the period before"
                raise ValueError(message)
        return self

    def by_hour(self) -> NDArray[np.float64]:
        """Return ``(24, 2)``: price and grams of carbon dioxide of a kilowatt-hour in each hour of the day."""
        table = np.empty((HOURS, 2))
        for period in self.periods:
            table[period.from_hour :] = period.price_per_kwh, period.carbon_g_per_kwh
        return table
