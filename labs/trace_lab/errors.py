"""What can go wrong when a trace is made a lab."""

from labs.errors import LabError

__all__ = ["TraceLabError"]


class TraceLabError(LabError, ValueError):
    """A trace, or what was asked for, does not make a lab; the message says what to do."""
