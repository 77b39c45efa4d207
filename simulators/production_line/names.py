"""Names of the things of a line."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["LineModel", "Name"]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="short name, a-z, 0-9 and _")]


class LineModel(BaseModel):
    """A frozen piece of a line that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
