"""What must hold between the parts of a line, beyond each field's own bounds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from simulators.faults import Fault
from simulators.production_line.supply import supply_faults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from simulators.production_line.crew import Shift
    from simulators.production_line.station import Station
    from simulators.production_line.supply import Plan

__all__ = ["faults"]


def faults(line: Plan) -> list[Fault]:
    """Return what does not fit together.

    Names come first: while some are given twice or lead nowhere, nothing else is looked at.
    """
    stations = {station.name: station for station in line.stations}
    return [*_twice(line), *_unknown(line, stations)] or [
        *_routes(line, stations),
        *_stations(line, stations),
        *_hours(line),
        *supply_faults(line, stations),
    ]


# ---- names


def _twice(line: Plan) -> Iterator[Fault]:
    lists = {field: [thing.name for thing in getattr(line, field)] for field in ("stations", "part_types", "shifts")}
    lists["crews"] = [crew.name for crew in line.crews]
    for field, names in lists.items():
        for position, name in enumerate(names):
            if name in names[:position]:
                yield Fault(f"{field}.{position}.name", name, "stands twice; give each its own name")
    for position, crew in enumerate(line.crews):
        for number, skill in enumerate(crew.skills):
            if skill in crew.skills[:number]:
                yield Fault(f"crews.{position}.skills.{number}", skill, "stands twice; remove one")


def _unknown(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    shifts = [shift.name for shift in line.shifts]
    for position, crew in enumerate(line.crews):
        yield from _known(f"crews.{position}.shift", crew.shift, shifts)
    for position, kind in enumerate(line.part_types):
        for number, step in enumerate(kind.route):
            yield from _known(f"part_types.{position}.route.{number}", step.station, stations)
        yield from _known(f"part_types.{position}.feeds", kind.feeds, stations)
        if kind.release is not None and kind.release.kind == "orders":
            for number, order in enumerate(kind.release.orders):
                field = f"part_types.{position}.release.orders.{number}.part_type"
                yield from _known(field, order.part_type, [kind.name])
    if line.release is not None and line.release.kind == "orders":
        common = [kind.name for kind in line.types if kind.release is None]
        for number, order in enumerate(line.release.orders):
            yield from _known(f"release.orders.{number}.part_type", order.part_type, common)
    for position, station in enumerate(line.stations):
        yield from _unknown_to(line, stations, f"stations.{position}", station)


def _unknown_to(line: Plan, stations: Mapping[str, Station], field: str, station: Station) -> Iterator[Fault]:
    skills = {skill for crew in line.crews for skill in crew.skills}
    types = [kind.name for kind in line.types]
    needs = {
        "service_skill": station.service_skill,
        "setup.skill": station.setup and station.setup.skill,
        "failures.skill": station.failures and station.failures.skill,
        "maintenance.skill": station.maintenance and station.maintenance.skill,
    }
    for need, skill in needs.items():
        if skill is not None and skill not in skills:
            yield Fault(f"{field}.{need}", skill, "is no crew's skill; add it to one of crews")
    yield from _known(f"{field}.shift", station.shift, [shift.name for shift in line.shifts])
    for number, change in enumerate(station.setup.changeovers if station.setup else ()):
        yield from _known(f"{field}.setup.changeovers.{number}.before", change.before, types)
        yield from _known(f"{field}.setup.changeovers.{number}.after", change.after, types)
    for name in station.assembly.components if station.assembly else ():
        yield from _known(f"{field}.assembly.components.{name}", name, types)
    if station.inspection is not None:
        yield from _known(f"{field}.inspection.rework", station.inspection.rework, stations)


def _known(field: str, name: str | None, known: Collection[str]) -> Iterator[Fault]:
    if name is not None and name not in known:
        advice = f"choose one of: {', '.join(sorted(known))}" if known else "there is none"
        yield Fault(field, name, f"is not there; {advice}")


# ---- ways


def _routes(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    for position, kind in enumerate(line.part_types):
        for number, (step, following) in enumerate(pairwise(kind.route)):
            if step.station == following.station and _without_places(line, stations[step.station]):
                yield Fault(
                    f"part_types.{position}.route.{number + 1}",
                    step.station,
                    "follows itself on one machine without a buffer: the part would wait for itself for ever; give "
                    "the station buffer_places ≥ 1, or join the two steps",
                )


def _without_places(line: Plan, station: Station) -> bool:
    """Return whether a station holds one part only, so that one that comes back would wait for itself."""
    cards = line.cards(station)
    if cards is not None:
        return cards == 1
    return station.machines == 1 and station.buffer_places == 0 and station.conveyor is None


def _stations(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    for position, station in enumerate(line.stations):
        field = f"stations.{position}"
        if station.dispatching == "setup" and station.setup is None:
            yield Fault(f"{field}.dispatching", "setup", "needs a setup; add one, or choose fifo, spt or edd")
        for number, change in enumerate(station.setup.changeovers if station.setup else ()):
            if change.before == change.after:
                message = f"is {change.before!r} itself; parts of one type need no set-up between them: remove it"
                yield Fault(f"{field}.setup.changeovers.{number}.after", change.after, message)
        rework = station.inspection and station.inspection.rework
        if rework == station.name and _without_places(line, station):
            yield Fault(
                f"{field}.inspection.rework",
                rework,
                "is the station itself, on one machine without a buffer: a rejected part would wait for itself for "
                "ever; give the station buffer_places ≥ 1, or name another",
            )


# ---- hours


def _hours(line: Plan) -> Iterator[Fault]:
    """Find stations that work only while nobody who is needed there does."""
    shifts = {shift.name: shift for shift in line.shifts}
    for position, station in enumerate(line.stations):
        needs = {"service_skill": station.service_skill, "setup.skill": station.setup and station.setup.skill}
        for need, skill in needs.items():
            crews = [crew for crew in line.crews if skill in crew.skills]
            if station.shift is None or not crews or any(crew.shift is None for crew in crews):
                continue
            hours = [shifts[crew.shift] for crew in crews if crew.shift is not None]
            if not any(_meet(shifts[station.shift], shift) for shift in hours):
                names = ", ".join(sorted({shift.name for shift in hours}))
                message = f"is nobody's while the station works: its shift is {station.shift!r}, the crews' {names}"
                yield Fault(f"stations.{position}.{need}", skill, f"{message}; let hours overlap")


def _meet(one: Shift, other: Shift) -> bool:
    """Return whether two shifts have time in common; those of different cycles do at some time or other."""
    return one.cycle_s != other.cycle_s or any(
        mine.start_s < theirs.end_s and theirs.start_s < mine.end_s for mine in one.periods for theirs in other.periods
    )
