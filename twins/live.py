"""A twin that keeps step with the clock, with everybody who listens to it and acts upon it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from simulators import CommandError, DeadlockError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators import Command, Journal
    from twins.history import Given
    from twins.pacing import Pace
    from twins.twin import Twin

__all__ = ["Listener", "Live"]

_log = logging.getLogger(__name__)

TICK_S = 0.1
"""Time on the wall from one step to the next: what watchers see lags by about so much."""

LONGEST_STEP_S = 1.0
"""Most time on the wall that one step catches up; a plant that cannot be simulated so fast is late, not frozen."""

MARK_EVERY_S = 2.0
"""Time on the wall after which the log notes how far the plant has come though nothing has happened."""


class Listener(Protocol):
    """Who is told what happens to a live twin. What is told first is told to all before anything else happens."""

    def happened(self, piece: Journal, until_s: float) -> None:
        """Take the next events, which may be none; everything before ``until_s`` has happened."""

    def reliving(self, share: float) -> None:
        """Take note that the twin has been wound back, and how much of its past the plant has lived through again.

        There is no state of the plant until `jumped` is called.
        """

    def jumped(self) -> None:
        """Take the whole state anew: the twin has been wound back."""

    def ended(self) -> None:
        """Take note that the twin is switched off."""


class Live:
    """A twin under way; everything about it happens in one thread, that of the event loop.

    Parameters
    ----------
    twin
        The twin.
    pace
        How fast it goes.
    tick_s
        Time on the wall from one step to the next.

    Attributes
    ----------
    stuck
        Why nothing can move any more; None: all is well. Winding back, or a command, may help.
    late
        Whether the plant cannot be simulated as fast as its pace wants.
    relived
        Of the past, the share that a plant has lived through again that was wound back; 1 where it stands ready.
    """

    def __init__(self, twin: Twin, pace: Pace, *, tick_s: float = TICK_S) -> None:
        self.twin = twin
        self.pace = pace
        self.stuck: DeadlockError | None = None
        self.late = False
        self.relived = 1.0
        self._reliving: Iterator[float] | None = None
        self._tick_s = tick_s
        self._listeners: list[Listener] = []
        self._told = twin.rows
        self._marked_s = 0.0

    def listen(self, listener: Listener) -> None:
        """Tell somebody what happens from now on."""
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell somebody nothing any more."""
        self._listeners.remove(listener)

    def step(self) -> None:
        """Bring the twin to where it ought to be, and tell what has happened."""
        if self._reliving is not None or not self.twin.ready:
            self._relive()
            return
        if self.stuck is not None:
            self.pace.stand(self.twin.time_s)
            return
        due_s = self.pace.due_s()
        to_s = min(due_s, self.twin.time_s + LONGEST_STEP_S * self.pace.speed, self.twin.horizon_s)
        if to_s > self.twin.time_s:
            try:
                self.twin.advance(to_s, mark=False)
            except DeadlockError as error:
                self.stuck = error
                _log.warning("%s", error)
        self.late = to_s < min(due_s, self.twin.horizon_s)
        if self.late or self.stuck is not None:
            self.pace.stand(self.twin.time_s)
        if self.twin.ready:
            self._tell()

    def apply(self, command: Command | Mapping[str, Any], *, who: str) -> Given:
        """Carry out a command now; raises what :meth:`Twin.apply` raises.

        So it does while the plant lives through its past once more: nobody is kept waiting.
        """
        self.step()
        if not self.twin.ready:
            name = command["command"] if isinstance(command, Mapping) else command.command
            busy = f"the plant is living through its past once more ({self.relived:.0%}); try again when it has"
            raise CommandError(field="command", value=name, message=busy, fault="state")
        given = self.twin.apply(command, who=who)
        self.stuck = None
        self._tell()
        return given

    def rewind(self, to_s: float, *, who: str) -> None:
        """Go back to an earlier moment; raises what :meth:`Twin.rewind` raises.

        The next steps let the plant live through the past again, a tick's time each, before it goes on.
        """
        self.twin.rewind(to_s, who=who)
        self.stuck = None
        self._reliving = None
        self._relive()

    async def run(self) -> None:
        """Keep step until the horizon, or until cancelled; the log then knows where the twin stands."""
        loop = asyncio.get_running_loop()
        try:
            while self.twin.time_s < self.twin.horizon_s:
                began_s = loop.time()
                self.step()
                if began_s - self._marked_s >= MARK_EVERY_S:
                    self.twin.mark()
                    self._marked_s = began_s
                await asyncio.sleep(max(0.0, self._tick_s - (loop.time() - began_s)))
        finally:
            self.twin.mark()

    def end(self) -> None:
        """Tell everybody that the twin is switched off."""
        for listener in self._listeners:
            listener.ended()

    def _relive(self) -> None:
        """Let the plant live through its past for as long as a step may last; when it has, it goes on."""
        began_s = time.monotonic()
        self._reliving = self._reliving or self.twin.relive()
        while not self.twin.ready:
            self.relived = next(self._reliving, 1.0)
            if time.monotonic() - began_s > self._tick_s:
                break
        self.pace.stand(self.twin.time_s)
        if self.twin.ready:
            self.relived, self._reliving = 1.0, None
            self._told = self.twin.rows
            for listener in self._listeners:
                listener.jumped()
        else:
            for listener in self._listeners:
                listener.reliving(self.relived)

    def _tell(self) -> None:
        piece = self.twin.journal(self._told)
        if len(piece):
            self.twin.mark()  # a twin that is made again has lived through all that anybody was told
        self._told = self.twin.rows
        for listener in self._listeners:
            listener.happened(piece, self.twin.time_s)
