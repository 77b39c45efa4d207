"""What can go wrong in the statistics of simulation output.

::

    SimulatorError
    └── StatisticsError       (also a ValueError)
        ├── SettingError      a setting lies outside its bounds
        ├── SampleError       the data are too few, of the wrong shape or not numbers
        └── RunLongerError    the data are too short for what was asked of them
"""

from __future__ import annotations

from simulators.errors import SimulatorError

__all__ = ["RunLongerError", "SampleError", "SettingError", "StatisticsError"]


class StatisticsError(SimulatorError, ValueError):
    """Root of what the statistics raise on purpose."""


class SettingError(StatisticsError):
    """A setting lies outside its bounds."""

    def __init__(self, name: str, value: object, bound: str) -> None:
        super().__init__(f"{name} = {value!r} must be {bound}")


class SampleError(StatisticsError):
    """The data are too few, of the wrong shape or not numbers."""


class RunLongerError(StatisticsError):
    """The runs are too short to tell where the warm-up ends."""
