"""What the hub tells the pool service, and what that asks of the hub: two small files between two processes."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MOST_AHEAD", "PoolBoard", "PoolState", "PoolStatus", "WaitingPerson"]

MOST_AHEAD = 500


class _BoardModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PoolState(_BoardModel):
    """One image's pool."""

    image: str
    size: int = Field(description="Containers that should wait when nothing is booked and nobody comes.")
    wanted: int = Field(description="Containers that should wait now.")
    waiting: int = Field(description="Containers that wait.")
    hits: int = Field(description="Sessions claimed from the pool since the hub started.")
    misses: int = Field(description="Sessions that found the pool empty.")
    dead: int = Field(description="Containers that died waiting.")
    claim_median_s: float | None = Field(description="Median of the latest claims.")


class WaitingPerson(_BoardModel):
    """Somebody in the line."""

    name: str
    position: int
    reason: str
    estimate_s: float | None


class PoolStatus(_BoardModel):
    """Everything at one moment."""

    written: float = Field(description="Seconds since 1970.")
    pools: tuple[PoolState, ...] = ()
    line: tuple[WaitingPerson, ...] = ()
    starting: int = 0


class PoolBoard:
    """The two files.

    Parameters
    ----------
    folder
        The hub's own folder, closed to others.
    """

    def __init__(self, folder: Path) -> None:
        self._status = folder / "pool-status.json"
        self._sizes = folder / "pool-sizes.json"

    def tell(self, status: PoolStatus) -> None:
        """Write how things stand."""
        _replace(self._status, status.model_dump_json())

    def status(self) -> PoolStatus | None:
        """Read how things stand; None where no hub has told yet."""
        try:
            return PoolStatus.model_validate_json(self._status.read_bytes())
        except FileNotFoundError:
            return None

    def resize(self, image: str, size: int) -> None:
        """Ask for another size of a pool; it stays over a restart of the hub."""
        sizes = _Sizes(sizes=self.sizes() | {image: size})
        _replace(self._sizes, sizes.model_dump_json())

    def sizes(self) -> dict[str, int]:
        """Read the sizes asked for, by image."""
        try:
            return dict(_Sizes.model_validate_json(self._sizes.read_bytes()).sizes)
        except FileNotFoundError:
            return {}


class _Sizes(_BoardModel):
    sizes: dict[str, int]


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
