"""What can go wrong in a twin.

::

    TwinError
    ├── AccountsError        a file of accounts cannot be read
    ├── FeedError            Redis, which carries the live feed, does not answer
    │   └── FeedTakenError   another publisher has taken the feed's name over
    ├── LogError             a twin's log is damaged, or cannot be written
    │   ├── LogInUseError    another process writes it
    │   └── OtherPlantError  it is of another plant
    ├── LookError            a garden is asked for in a season or at an hour that there is not
    ├── MomentError          a plan is asked for of a moment that is not in the run
    ├── NoChartError         nobody has made charts of such runs yet
    ├── NoFeedError          nobody publishes a twin of that name
    ├── NoSceneError         nobody has drawn plants of this kind yet
    ├── NoTwinError          plants of this kind can be simulated only as a whole
    ├── OutlineError         a pond's outline is not a simple polygon
    ├── RendererError        a renderer is asked for that does not exist
    ├── ReplayError          the simulators give another journal than those that a log was written with
    ├── TimeError            a moment does not lie where it must
    └── WindowError          the stretch of time to be shown is not in the run
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "AccountsError",
    "FeedError",
    "FeedTakenError",
    "LogError",
    "LogInUseError",
    "LookError",
    "MomentError",
    "NoChartError",
    "NoFeedError",
    "NoSceneError",
    "NoTwinError",
    "OtherPlantError",
    "OutlineError",
    "RendererError",
    "ReplayError",
    "TimeError",
    "TwinError",
    "WindowError",
]


class TwinError(Exception):
    """Root of everything that the twins raise on purpose."""


class AccountsError(TwinError):
    """A file of accounts cannot be read."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path}: {cause}")


class FeedError(TwinError):
    """Redis does not answer."""

    def __init__(self, name: str, cause: object) -> None:
        super().__init__(f"the feed of twin {name!r} cannot be written: {cause}; is the Redis server running?")


class FeedTakenError(FeedError):
    """Another publisher has taken the feed's name over."""

    def __init__(self, name: str) -> None:
        TwinError.__init__(self, f"another twin now publishes as {name!r}; choose another name for one of them")


class NoFeedError(TwinError, LookupError):
    """Nobody publishes a twin of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no twin publishes as {name!r}; start one with: shixun twin serve SCENARIO --feed {name}")


class LogError(TwinError):
    """A twin's log is damaged, or cannot be written; or see its kinds."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path = path
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")


class LogInUseError(LogError):
    """Another process writes the log."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, 0, "another process runs this twin; end it there, or fork() it to try something out")


class LookError(TwinError, ValueError):
    """A garden is asked for in a season or at an hour that there is not."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} = {value!r} must be {allowed}")


class MomentError(TwinError, ValueError):
    """The moment of a plan does not lie in the run."""

    def __init__(self, time_s: float, horizon_s: float) -> None:
        super().__init__(f"time_s = {time_s:g} is not in this run; choose 0 <= time_s < {horizon_s:g} (its horizon_s)")


class OtherPlantError(LogError):
    """The log is of another plant: of another scenario, or other random numbers."""

    def __init__(self, path: Path, digest: str, seed: int, replication: int) -> None:
        plant = f"scenario {digest[:12]}, seed {seed}, replication {replication}"
        super().__init__(path, 1, f"is the log of another plant ({plant}); give this twin another file")


class NoChartError(TwinError, LookupError):
    """There are no charts for a scenario's kind."""

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known))
        super().__init__(f"kind = {kind!r} has no such chart; draw a run of one of: {names}")


class NoSceneError(TwinError, LookupError):
    """There is no scene for a scenario's kind."""

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known))
        super().__init__(f"kind = {kind!r} has no 3-D scene; show a run of one of: {names}")


class OutlineError(TwinError, ValueError):
    """The outline of a pond encloses no area, or crosses itself."""

    def __init__(self, corners: int) -> None:
        super().__init__(
            f"outline_m has {corners} corners and is no simple polygon; give at least 3, none of whose edges cross"
        )


class RendererError(TwinError, LookupError):
    """There is no renderer of such a name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"renderer = {name!r} is not known; choose one of: {', '.join(sorted(known))} (SHIXUN_RENDERER)"
        )


class NoTwinError(TwinError, LookupError):
    """Plants of this kind can be simulated only as a whole."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"kind = {kind!r} has no plant that can be moved on step by step; simulate it instead")


class ReplayError(TwinError):
    """The simulators give another journal than those that a log was written with.

    Attributes
    ----------
    time_s
        Until when the log tells what has happened.
    """

    def __init__(self, time_s: float, then: str, now: str, found: str) -> None:
        self.time_s = time_s
        if then == now:
            cause = "though they are the same: the log has been changed, or this is another kind of processor"
        else:
            cause = "as their rules have changed since"
        super().__init__(
            f"the twin cannot stand at {time_s:g} s as it did: simulators {now} do not give what simulators {then} "
            f"gave, {cause} ({found}); start a new twin, the old log is only kept to be read"
        )


class TimeError(TwinError, ValueError):
    """A moment does not lie where it must."""

    def __init__(self, to_s: float, low_s: float, high_s: float, advice: str) -> None:
        super().__init__(f"to_s = {to_s!r} must be {low_s:g} to {high_s:g}; {advice}")


class WindowError(TwinError, ValueError):
    """The window of time does not lie in the run."""

    def __init__(self, start_s: float, end_s: float, horizon_s: float) -> None:
        super().__init__(
            f"start_s = {start_s:g}, end_s = {end_s:g} is no window of this run; "
            f"choose 0 <= start_s < end_s <= {horizon_s:g} (its horizon_s)"
        )
