"""What stands in which column of the arrays of a tally and of its table of live parts."""

from __future__ import annotations

__all__ = [
    "AREA",
    "DEFECTIVE",
    "DETOUR",
    "DOWN_S",
    "ENDED",
    "FAILED_S",
    "FAILURES",
    "FIRST_PASS",
    "HELD",
    "KIND",
    "LEVEL",
    "LEVEL_SINCE_S",
    "MENDED_S",
    "MENDING_S",
    "NOW",
    "OUT_DEFECTIVE",
    "OVER",
    "OVER_DOWN",
    "OVER_MAINTENANCE",
    "OVER_OFF",
    "PRODUCED",
    "REJECTED",
    "REJECTIONS",
    "REPAIRS",
    "REPAIR_S",
    "REWORKED",
    "SCRAPPED",
    "SINCE_S",
    "SPOILT",
    "SPOILT_SEEN",
    "STEP",
    "WHERE",
]

# Of a part in the line, behind its number: place (from 1, 0 for none), type, step of its route, station off its route
# that mends it, whether it is defective, whether it has just been rejected, and how often it has been.
WHERE, KIND, STEP, DETOUR, DEFECTIVE, REJECTED, REJECTIONS = range(1, 8)

# Of a machine: what it holds, what lies over that (a bit each), its state, and whether its last part has been counted
# as spoilt.
HELD, OVER, NOW, SPOILT_SEEN = range(4)
OVER_MAINTENANCE, OVER_DOWN, OVER_OFF = 1, 2, 4

# What is counted of a machine, and its times; a repair counts as a whole when it ends.
PRODUCED, SPOILT, FAILURES, REPAIRS = range(4)
DOWN_S, REPAIR_S, MENDING_S, SINCE_S, FAILED_S, MENDED_S = range(6)

# Parts that have come to their end, in all, and those of them that were …
ENDED, SCRAPPED, REWORKED, FIRST_PASS, OUT_DEFECTIVE = range(5)

# How many parts are at a place: now, since when, and part seconds until then.
LEVEL, LEVEL_SINCE_S, AREA = range(3)
