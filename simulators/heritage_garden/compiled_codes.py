"""What a code in the compiled engine's event list means: kind + KINDS * number.

Paths and scenes have a tree of their own.
"""

from __future__ import annotations

__all__ = ["ARRIVAL", "CHANGE", "CHECKED", "KINDS", "LAST_ENTRY", "PATIENCE_ENDS", "RAISE_ALARM"]

ARRIVAL, CHECKED, PATIENCE_ENDS, CHANGE, LAST_ENTRY, RAISE_ALARM = range(6)
KINDS = 6
