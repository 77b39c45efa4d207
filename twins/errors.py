"""What can go wrong in a twin.

::

    TwinError
    ├── NoChartError   nobody has made charts of such runs yet
    ├── NoSceneError   nobody has drawn plants of this kind yet
    ├── OutlineError   a pond's outline is not a simple polygon
    └── WindowError    the stretch of time to be shown is not in the run
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NoChartError", "NoSceneError", "OutlineError", "TwinError", "WindowError"]


class TwinError(Exception):
    """Root of everything that the twins raise on purpose."""


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


class WindowError(TwinError, ValueError):
    """The window of time does not lie in the run."""

    def __init__(self, start_s: float, end_s: float, horizon_s: float) -> None:
        super().__init__(
            f"start_s = {start_s:g}, end_s = {end_s:g} is no window of this run; "
            f"choose 0 <= start_s < end_s <= {horizon_s:g} (its horizon_s)"
        )
