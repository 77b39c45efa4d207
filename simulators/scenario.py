"""What every scenario has, whatever it simulates."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, model_validator

__all__ = ["Scenario", "Text"]


class Text(BaseModel):
    """A text for people, in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(min_length=1, description="简体中文")
    en: str = Field(min_length=1, description="English")

    def in_language(self, language: str) -> str:
        """Return the text in ``language``: Chinese for ``zh`` and its regions, English for everything else."""
        return self.zh if language.lower().startswith("zh") else self.en


class Scenario(BaseModel):
    """A frozen description of a plant and of how long it is watched; subclasses add ``kind`` and the plant."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: str
    horizon_s: PositiveFloat = Field(description="simulated time at which a run ends")
    warm_up_s: NonNegativeFloat = Field(
        default=0.0, description="time from which KPIs count; before it the plant fills up"
    )

    @model_validator(mode="after")
    def _warms_up_before_the_end(self) -> Self:
        if self.warm_up_s >= self.horizon_s:
            message = f"warm_up_s = {self.warm_up_s} must be < horizon_s = {self.horizon_s}"
            raise ValueError(message)
        return self
