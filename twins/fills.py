"""How charts tell the states of machines apart: by colour and by pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.production_line import State
from twins.line import STATE_COLORS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fill_of", "patterns"]

MARKS = {
    State.WORKING: "",
    State.BLOCKED: '<path d="M-2 2l4 -4M0 8l8 -8M6 10l4 -4" stroke="#fff" stroke-width="2"/>',
    State.DOWN: '<path d="M0 0l8 8M8 0l-8 8" stroke="#fff" stroke-width="1.4"/>',
    State.SETUP: '<path d="M2 0v8M6 0v8" stroke="#fff" stroke-width="1.5"/>',
    State.AWAITING: '<circle cx="2" cy="2" r="1.3" fill="#fff"/><circle cx="6" cy="6" r="1.3" fill="#fff"/>',
    State.MAINTENANCE: '<path d="M0 2h8M0 6h8" stroke="#fff" stroke-width="1.5"/>',
    State.OFF: '<path d="M-2 6l4 4M0 0l8 8M6 -2l4 4" stroke="#fff" stroke-width="3.6"/>',
    State.STARVED: "",
}
"""What is drawn over the colour, in a square of 8 px; a starved machine is drawn as a thin line instead."""


def patterns(states: Iterable[State]) -> str:
    """Return the definitions of the states' patterns."""
    tiles = (
        f'<pattern id="{{id}}-{state.name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{STATE_COLORS[state]}"/>{MARKS[state]}</pattern>'
        for state in states
        if MARKS[state]
    )
    return f"<defs>{''.join(tiles)}</defs>"


def fill_of(state: State) -> str:
    """Return what to fill a state's bars with."""
    return f"url(#{{id}}-{state.name})" if MARKS[state] else STATE_COLORS[state]
