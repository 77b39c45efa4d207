"""What can go wrong in a twin.

::

    TwinError
    ├── NoChartError   nobody has made charts of such runs yet
    ├── NoSceneError   nobody has drawn plants of this kind yet
    └── WindowError    the stretch of time to be shown is not in the run
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NoChartError", "NoSceneError", "TwinError", "WindowError"]


class TwinError(Exception):
    """Root of everything that the twins raise on purpose."""


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


class WindowError(TwinError, ValueError):
    """The window of time does not lie in the run."""

    def __init__(self, start_s: float, end_s: float, horizon_s: float) -> None:
        super().__init__(
            f"start_s = {start_s:g}, end_s = {end_s:g} is no window of this run; "
            f"choose 0 <= start_s < end_s <= {horizon_s:g} (its horizon_s)"
        )
