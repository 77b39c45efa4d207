"""Electric power of machines by their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.production_line.states import STATES, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.production_line.station import Power

__all__ = ["energy_wh", "power_w"]

SECONDS_PER_HOUR = 3600.0


def power_w(power: Power) -> list[float]:
    """Return the power of one machine by :class:`~simulators.production_line.State`, W.

    Examples
    --------
    >>> from simulators.production_line.station import Power
    >>> watts = power_w(Power(idle_w=100, busy_w=900))
    >>> watts[State.WORKING], watts[State.BLOCKED], watts[State.SETUP]
    (900.0, 100.0, 900.0)
    """
    by_state = {
        State.STARVED: power.idle_w,
        State.AWAITING: power.idle_w,
        State.WORKING: power.busy_w,
        State.BLOCKED: power.idle_w if power.blocked_w is None else power.blocked_w,
        State.SETUP: power.busy_w if power.setup_w is None else power.setup_w,
        State.DOWN: power.down_w,
        State.MAINTENANCE: power.down_w,
        State.OFF: power.off_w,
    }
    return [by_state[state] for state in STATES]


def energy_wh(power: Power | None, state_s: Sequence[float]) -> float:
    """Return the energy of a station that was in each state for so long, Wh; 0 where its power is not given.

    Parameters
    ----------
    power
        Of one machine.
    state_s
        ``(states,)`` time, summed over the machines.
    """
    if power is None:
        return 0.0
    return sum(watts * seconds for watts, seconds in zip(power_w(power), state_s, strict=True)) / SECONDS_PER_HOUR
