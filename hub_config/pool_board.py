"""What the hub tells the pool service, and what that asks of the hub: two small files between two processes."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MOST_AHEAD", "Asked", "PoolBoard", "PoolState", "PoolStatus", "WaitingPerson"]

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
    sessions: int = Field(default=0, description="Sessions that run; the pool service counts them.")
    draining: bool = Field(default=False, description="Whether no new sessions are started.")
    plan_written: float = Field(default=0.0, description="When the plan in force was written, since 1970; 0: none.")


class Asked(_BoardModel):
    """What administrators have asked for."""

    sizes: dict[str, int] = Field(default_factory=dict, description="Sizes of pools, by image.")
    draining: bool = False


class PoolBoard:
    """The two files.

    Parameters
    ----------
    folder
        The hub's own folder, closed to others.
    """

    def __init__(self, folder: Path) -> None:
        self._status = folder / "pool-status.json"
        self._asked = folder / "pool-asked.json"

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
        asked = self.asked()
        _replace(self._asked, Asked(sizes=asked.sizes | {image: size}, draining=asked.draining).model_dump_json())

    def drain(self, draining: bool) -> None:
        """Ask for no new sessions and an empty pool, or for both again; it stays over a restart of the hub."""
        _replace(self._asked, Asked(sizes=self.asked().sizes, draining=draining).model_dump_json())

    def asked(self) -> Asked:
        """Read what administrators have asked for."""
        try:
            return Asked.model_validate_json(self._asked.read_bytes())
        except FileNotFoundError:
            return Asked()


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
