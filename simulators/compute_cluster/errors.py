"""What can go wrong with a compute cluster.

::

    SimulatorError
    └── TraceError       a trace file cannot be read at all
"""

from __future__ import annotations

from simulators.errors import SimulatorError

__all__ = ["TraceError"]


class TraceError(SimulatorError, ValueError):
    """A trace file cannot be read at all; single lines that are malformed are reported, not raised."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file}: {why}")
