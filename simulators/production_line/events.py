"""The events of a production line's journal."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Event"]


class Event(IntEnum):
    """What can happen in a line. The entity is a part, or -1; the place is a machine unless said otherwise."""

    RELEASE = 0
    """A part enters the line; the place is its type."""
    QUEUE = 1
    """A part enters a buffer, or, as a component, a component buffer; that is the place."""
    START = 2
    """The service of a part starts, or goes on after it has waited for an operator."""
    FINISH = 3
    """Its service ends."""
    LEAVE = 4
    """It leaves the machine; later than FINISH where it was blocked."""
    EXIT = 5
    """It leaves the line, finished; the place is its type."""
    FAIL = 6
    """A machine fails; what it did is interrupted."""
    REPAIR = 7
    """The machine is repaired; what was interrupted goes on."""
    CONVEY = 8
    """A part enters a conveyor; that is the place."""
    STORE = 9
    """A finished part enters the store of a Kanban station; that is the place."""
    SETUP = 10
    """The set-up for a part starts, or goes on after it has waited for an operator."""
    AWAIT = 11
    """The part on the machine waits for an operator."""
    ASSEMBLE = 12
    """A component becomes part of what the machine has been loaded with; the entity is the component."""
    DEFECT = 13
    """The service has made the part defective, which nobody sees."""
    REJECT = 14
    """Inspection rejects the part."""
    SCRAP = 15
    """A rejected part leaves the line; the place is its type."""
    MEND = 16
    """The crew begins a repair; only where one is needed."""
    MAINTAIN = 17
    """The machine stops for maintenance."""
    MAINTAINED = 18
    """The maintenance ends."""
    OFF = 19
    """The machine's shift ends; what it did is interrupted."""
    ON = 20
    """Its shift begins; what was interrupted goes on."""
    COMMAND = 21
    """Somebody does something to the line; the entity is the command's number, the place what is acted upon, or -1."""


# The same as plain numbers: inner loops, of Python and of Numba, are much faster with those.
(
    RELEASE, QUEUE, START, FINISH, LEAVE, EXIT, FAIL, REPAIR, CONVEY, STORE, SETUP, AWAIT, ASSEMBLE, DEFECT, REJECT,
    SCRAP, MEND, MAINTAIN, MAINTAINED, OFF, ON, COMMAND,
) = (int(event) for event in Event)  # fmt: skip
