"""What a machine does, in the words of two standards.

PackML is ANSI/ISA-TR88.00.02 (OPC 30050 in OPC UA); the machinery item state is that of OPC 40001-1.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["MACHINERY", "PACKML", "MachineryItemState", "PackMlState"]


class PackMlState(IntEnum):
    """Those of PackML's states that a simulated machine can be in, with their numbers."""

    STOPPED = 2
    STARTING = 3
    SUSPENDED = 5
    EXECUTE = 6
    ABORTED = 9
    HELD = 11


class MachineryItemState(IntEnum):
    """The states of a machinery item, with their numbers."""

    NOT_AVAILABLE = 0
    OUT_OF_SERVICE = 1
    NOT_EXECUTING = 2
    EXECUTING = 3


PACKML: dict[str, PackMlState] = {
    "working": PackMlState.EXECUTE,
    "setup": PackMlState.STARTING,
    "starved": PackMlState.SUSPENDED,  # nothing comes from upstream
    "blocked": PackMlState.SUSPENDED,  # nothing goes downstream
    "awaiting": PackMlState.HELD,  # its own operator is missing
    "down": PackMlState.ABORTED,
    "maintenance": PackMlState.STOPPED,
    "off": PackMlState.STOPPED,
}

MACHINERY: dict[str, MachineryItemState] = {
    "working": MachineryItemState.EXECUTING,
    "setup": MachineryItemState.EXECUTING,
    "starved": MachineryItemState.NOT_EXECUTING,
    "blocked": MachineryItemState.NOT_EXECUTING,
    "awaiting": MachineryItemState.NOT_EXECUTING,
    "down": MachineryItemState.OUT_OF_SERVICE,
    "maintenance": MachineryItemState.OUT_OF_SERVICE,
    "off": MachineryItemState.NOT_AVAILABLE,
}
