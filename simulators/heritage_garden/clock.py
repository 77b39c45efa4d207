"""The clock of a garden's day, and the pen that writes down what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.recorder import Recorder

__all__ = ["Clock"]


class Clock:
    """SimPy's environment with two short names.

    Parameters
    ----------
    recorder
        Takes the events.

    Attributes
    ----------
    env
        SimPy's environment; ``env.now`` is the time of day in seconds.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.env = simpy.Environment()
        self._record = recorder.record

    def write(self, event: int, entity: int, place: int) -> None:
        """Write down an event of this moment."""
        self._record((self.env.now, event, entity, place))

    def after(self, delay_s: float, happening: Callable[[simpy.Event], None]) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""
        timeout = self.env.timeout(delay_s)
        timeout.callbacks.append(happening)
        return timeout
