"""Who gets a seat now and who waits, in which order and for how long.

The decision is a pure function of the plan, the moment and who has a session; `hub_config.waiting_line` keeps the line.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from hub_config.plan import Limits, Plan

__all__ = ["Verdict", "decide", "seats_wanted"]


class Verdict(StrEnum):
    """What becomes of somebody who asks for a session."""

    ADMITTED = "admitted"
    FULL = "full"  # every seat is taken, or kept for a class that has booked it
    QUOTA = "quota"  # her class or school has as many sessions as it may have
    CLOSED = "closed"  # outside the hours of her class or school
    DRAINING = "draining"  # the machine takes no new sessions: it is about to be maintained


def decide(
    plan: Plan,
    moment: datetime,
    groups: frozenset[str],
    running: Mapping[str, frozenset[str]],
    seats: int,
    standard: Limits,
) -> Verdict:
    """Decide whether somebody may have a session now.

    Parameters
    ----------
    plan
        Quotas and bookings.
    moment
        Now, aware, in the time zone in which quotas name their hours.
    groups
        The groups (classes and schools) of who asks.
    running
        Groups of everybody who has a session, by name.
    seats
        Sessions that may run at the same time; 0: as many as come.
    standard
        What a session may use where no quota says otherwise.

    Returns
    -------
    Verdict
        A booking of her class admits her to a seat that is kept for it; everybody else takes what is free beside the
        seats kept for others. Quotas hold for her in either case.
    """
    for group in groups & plan.quotas.keys():
        quota = plan.quotas[group]
        if not quota.open_at(moment):
            return Verdict.CLOSED
        if quota.sessions_most is not None and _members(running, group) >= quota.sessions_most:
            return Verdict.QUOTA
        with_hers = [each for each in (*running.values(), groups) if group in each]
        used = [plan.limits(each, standard) for each in with_hers]
        if quota.memory_most_mib is not None and sum(each.memory_mib for each in used) > quota.memory_most_mib:
            return Verdict.QUOTA
        if quota.cpu_most_cores is not None and sum(each.cpu_cores for each in used) > quota.cpu_most_cores:
            return Verdict.QUOTA
    if seats == 0:
        return Verdict.ADMITTED
    if len(running) >= seats:
        return Verdict.FULL
    kept = {each.group: max(0, each.seats - _members(running, each.group)) for each in plan.booked_at(moment)}
    if any(kept.get(group, 0) for group in groups):
        return Verdict.ADMITTED
    return Verdict.ADMITTED if len(running) + sum(kept.values()) < seats else Verdict.FULL


def seats_wanted(plan: Plan, moment: datetime, soon: datetime, running: Mapping[str, frozenset[str]]) -> int:
    """Count the booked seats, in force or about to be, that nobody has taken yet: so many should wait in the pool.

    Parameters
    ----------
    plan, running
        As of `decide`.
    moment, soon
        Now, and the moment up to which bookings that begin count.

    Returns
    -------
    int
        Seats.
    """
    due = [each for each in plan.bookings if each.begins <= soon and each.ends > moment]
    return sum(max(0, each.seats - _members(running, each.group)) for each in due)


def _members(running: Mapping[str, frozenset[str]], group: str) -> int:
    return sum(group in groups for groups in running.values())
