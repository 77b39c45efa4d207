"""Lines to test with: short ones written by hand, and any line at all, made up by Hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from simulators.errors import DeadlockError
from simulators.policy import Policy
from simulators.production_line import Event, Places, ProductionLine, compiled_engine, simpy_engine
from simulators.recorder import Recorder
from simulators.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from simulators import Journal
    from simulators.kpi import Kpi

Data = dict[str, Any]
ENGINES = {"simpy": simpy_engine.run, "compiled": compiled_engine.run}


# ---- by hand


def fixed(value_s: float) -> Data:
    """Return a duration that is always the same."""
    return {"kind": "deterministic", "value_s": value_s}


SATURATED: Data = {"kind": "saturated"}


def line(*stations: Data, horizon_s: float = 100.0, release: Data | None = SATURATED, **more: Any) -> ProductionLine:
    """Return a line of stations ``s0``, ``s1`` … with always material at its entrance, if nothing else is said."""
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": horizon_s,
            "release": release,
            "stations": [{"name": f"s{number}", "service": fixed(1), **data} for number, data in enumerate(stations)],
            **more,
        }
    )


def orders(*parts: tuple[str, float] | tuple[str, float, float]) -> Data:
    """Return the release of single parts: their type, when they may enter and when they are due."""
    return {
        "kind": "orders",
        "orders": [
            {"part_type": kind, "quantity": 1, "release_s": release_s, "due_s": due[0] if due else 1e6}
            for kind, release_s, *due in parts
        ],
    }


class Unmeasured:
    """A meter for tests that only look at the journal."""

    def add(self, piece: Journal) -> None:
        """Measure nothing."""

    def kpis(self) -> dict[str, Kpi]:
        """Return nothing."""
        return {}


def journal_of(
    scenario: ProductionLine,
    *,
    seed: int = 0,
    engine: str = "simpy",
    policies: Mapping[str, Callable[..., object]] | None = None,
) -> Journal:
    """Return what happens in a line."""
    recorder = Recorder(Places(scenario).names, Unmeasured())
    asked = {point: Policy(point, function) for point, function in (policies or {}).items()}
    ENGINES[engine](scenario, Streams(seed), recorder, asked)
    return recorder.journal()


def outcome(scenario: ProductionLine, *, seed: int, engine: str) -> tuple[Journal, str]:
    """Return what happens in a line, and the deadlock that ends it, if one does."""
    recorder = Recorder(Places(scenario).names, Unmeasured())
    deadlock = ""
    try:
        ENGINES[engine](scenario, Streams(seed), recorder, {})
    except DeadlockError as error:
        deadlock = str(error)
        recorder.flush()
    return recorder.journal(), deadlock


def told(journal: Journal, *events: Event, part: int | None = None) -> list[tuple[float, str, int, str]]:
    """Return the events of a journal as ``(time_s, event, part, place)``: some kinds only, of one part only."""
    return [
        (float(time_s), Event(event).name, int(entity), journal.places[place])
        for time_s, event, entity, place in zip(
            journal.time_s, journal.event, journal.entity, journal.place, strict=True
        )
        if (not events or event in events) and (part is None or entity == part)
    ]


def times(journal: Journal, event: Event, entity: int | None = None, place: str | None = None) -> list[float]:
    """Return when an event happened: to one part only, at one place only."""
    mask = journal.event == event
    if entity is not None:
        mask &= journal.entity == entity
    if place is not None:
        mask &= journal.place == journal.places.index(place)
    found: list[float] = np.asarray(journal.time_s)[mask].tolist()
    return found


# ---- any line


def _random_duration(mean_s: float, kind: str) -> Data:
    match kind:
        case "uniform":
            return {"kind": "uniform", "low_s": 0.5 * mean_s, "high_s": 1.5 * mean_s}
        case "triangular":
            return {"kind": "triangular", "low_s": 0.0, "mode_s": mean_s, "high_s": 2 * mean_s}
        case "gamma":
            return {"kind": "gamma", "shape": 3, "mean_s": mean_s}
        case "deterministic":
            return fixed(mean_s)
    return {"kind": "exponential", "mean_s": mean_s}


def random_durations() -> SearchStrategy[Data]:
    """Give durations of a few seconds, hardly two of which ever end at the same instant."""
    kinds = st.sampled_from(["exponential", "uniform", "triangular", "gamma", "deterministic"])
    return st.builds(_random_duration, st.floats(0.1, 5), kinds)


def whole_seconds(least: int = 0) -> SearchStrategy[Data]:
    """Give durations of whole seconds, so that events coincide all the time."""
    return st.integers(least, 3).map(lambda value_s: fixed(float(value_s)))


@st.composite
def any_line(draw: DrawFn, *, clockwork: bool) -> ProductionLine:
    """Give any sound line of up to five stations: of random durations, or where all is in step with the clock."""
    made = _AnyLine(draw, clockwork=clockwork).data()
    try:
        return ProductionLine.model_validate(made)
    except ValidationError:
        assume(False)
        raise


class _AnyLine:
    def __init__(self, draw: DrawFn, *, clockwork: bool) -> None:
        self.draw = draw
        self.any_time = whole_seconds() if clockwork else random_durations()
        self.some_time = whole_seconds(1) if clockwork else random_durations()
        self.moment = st.integers(0, 30).map(float) if clockwork else st.integers(0, 4000).map(lambda time: time / 100)
        self.span = st.integers(1, 9).map(float) if clockwork else st.floats(0.5, 20)
        self.stations = [f"s{number}" for number in range(draw(st.integers(1, 5)))]
        self.types = [f"t{number}" for number in range(draw(st.sampled_from([0, 1, 2, 2, 3, 3])))]
        self.shifts = self.some(["early", "late"])
        crews = self.some(["setters", "fitters"])
        self.crews = [
            {
                "name": crew,
                "members": draw(st.integers(1, 2)),
                "skills": draw(st.sampled_from([["a"], ["b"], ["a", "b"], ["b", "a"]])),
                "shift": self.perhaps(st.sampled_from(self.shifts) if self.shifts else st.none()),
            }
            for crew in crews
        ]
        self.skills = sorted({skill for crew in self.crews for skill in crew["skills"]})
        self.routes = {kind: self.route() for kind in self.types}
        self.feeds: dict[str, str] = {}
        for kind in self.types[1:]:
            others = [station for station in self.stations if station not in self.routes[kind]]
            if others and draw(st.booleans()):
                self.feeds[kind] = draw(st.sampled_from(others))

    def route(self) -> list[str]:
        """Give a route that often does not come back, or half of all lines would lock."""
        route = self.draw(st.lists(st.sampled_from(self.stations), min_size=1, max_size=5))
        return sorted(set(route)) if self.draw(st.integers(0, 3)) else route

    def some(self, things: Sequence[str]) -> list[str]:
        return [thing for thing in things if self.draw(st.booleans())]

    def perhaps(self, strategy: SearchStrategy[Any]) -> Any:
        """Give None more often than not, or one line has everything and nothing ever moves."""
        return self.draw(strategy) if self.draw(st.integers(0, 2)) == 2 else None

    def data(self) -> Data:
        common = [kind for kind in self.types if self.draw(st.integers(0, 2)) != 2]
        types = [self.part_type(kind, own=kind not in common) for kind in self.types]
        return {
            "kind": "production_line",
            "horizon_s": 40.0,
            "release": self.release(common) if common or not types else None,
            "stations": [self.station(name) for name in self.stations],
            "part_types": types,
            "crews": self.crews,
            "shifts": [self.shift(name) for name in self.shifts],
        }

    def shift(self, name: str) -> Data:
        bounds = sorted(self.draw(st.lists(self.moment, min_size=2, max_size=4, unique=True)))
        periods = [{"start_s": start, "end_s": end} for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
        return {"name": name, "cycle_s": bounds[-1] + self.draw(st.sampled_from([0.0, 1.0])), "periods": periods}

    def part_type(self, name: str, *, own: bool) -> Data:
        draw = self.draw
        route = [{"station": station, "service": self.perhaps(self.any_time)} for station in self.routes[name]]
        return {
            "name": name,
            "route": route,
            "share": draw(st.sampled_from([0.5, 1.0, 3.0])),
            "feeds": self.feeds.get(name),
            "release": self.release([name]) if own else None,
        }

    def release(self, types: list[str]) -> Data:
        draw = self.draw
        match draw(st.sampled_from(["saturated", "interval", "constant_wip", "kanban", "orders"])):
            case "saturated":
                return {"kind": "saturated"}
            case "interval":
                return {"kind": "interval", "interval": draw(self.some_time)}
            case "constant_wip":
                return {"kind": "constant_wip", "parts": draw(st.integers(1, 6))}
            case "kanban":
                return {"kind": "kanban", "cards": draw(st.integers(1, 3))}
        orders_ = []
        for _ in range(draw(st.integers(1, 4))):
            release_s = draw(self.moment)
            kind = draw(st.sampled_from(types or ["part"]))
            due_s = release_s + draw(self.moment)
            orders_.append(
                {"part_type": kind, "quantity": draw(st.integers(1, 6)), "release_s": release_s, "due_s": due_s}
            )
        return {"kind": "orders", "orders": orders_}

    def skill(self) -> str | None:
        return self.perhaps(st.sampled_from(self.skills)) if self.skills else None

    def station(self, name: str) -> Data:
        draw = self.draw
        setup = self.setup() if draw(st.booleans()) else None
        conveyor = None
        if draw(st.integers(0, 4)) == 4:
            conveyor = {"transport_time_s": draw(self.any_time_s()), "capacity": draw(st.integers(1, 3))}
        kits = [kind for kind, station in self.feeds.items() if station == name]
        return {
            "name": name,
            "machines": draw(st.integers(1, 3)),
            "service": draw(self.any_time),
            "service_skill": self.skill(),
            "buffer_places": draw(st.sampled_from([0, 0, 1, 2, None])),
            "dispatching": draw(st.sampled_from(["fifo", "spt", "edd"] + ["setup"] * (setup is not None))),
            "conveyor": conveyor,
            "kanban_cards": None if conveyor else self.perhaps(st.integers(1, 3)),
            "setup": setup,
            "assembly": {"components": {kind: self.component() for kind in kits}} if kits else None,
            "failures": self.failures() if draw(st.integers(0, 2)) == 2 else None,
            "maintenance": self.maintenance() if draw(st.integers(0, 2)) == 2 else None,
            "defect_probability": draw(st.sampled_from([0.0, 0.3, 1.0])),
            "inspection": self.inspection() if draw(st.integers(0, 2)) == 2 else None,
            "shift": self.perhaps(st.sampled_from(self.shifts)) if self.shifts else None,
        }

    def any_time_s(self) -> SearchStrategy[float]:
        return self.any_time.map(lambda time: float(time.get("value_s", time.get("mean_s", 1.0))))

    def component(self) -> Data:
        count = self.draw(st.integers(1, 2))
        return {"count": count, "places": count + self.draw(st.integers(0, 2))}

    def setup(self) -> Data:
        draw, types = self.draw, self.types or ["part"]
        pair = st.tuples(st.sampled_from(types), st.sampled_from(types))
        pairs = [pair for pair in draw(st.lists(pair, max_size=3, unique=True)) if pair[0] != pair[1]]
        return {
            "time": draw(self.any_time),
            "changeovers": [{"before": one, "after": other, "time": draw(self.any_time)} for one, other in pairs],
            "skill": self.skill(),
        }

    def failures(self) -> Data:
        return {
            "clock": self.draw(st.sampled_from(["calendar", "operation"])),
            "up_time": self.draw(self.some_time),
            "repair_time": self.draw(self.any_time),
            "skill": self.skill(),
        }

    def maintenance(self) -> Data:
        return {
            "every_s": self.draw(self.span),
            "clock": self.draw(st.sampled_from(["calendar", "operation"])),
            "duration": self.draw(self.any_time),
            "skill": self.skill(),
            "renews": self.draw(st.booleans()),
        }

    def inspection(self) -> Data:
        return {
            "detection": self.draw(st.sampled_from([0.5, 1.0])),
            "false_alarm": self.draw(st.sampled_from([0.0, 0.2])),
            "rework": self.perhaps(st.sampled_from(self.stations)),
            "most_reworks": self.draw(st.integers(0, 3)),
        }
