"""Every fault between the fields of a line is refused at its own field, saying what to do."""

from __future__ import annotations

from typing import Any

import pytest
from production_lines import fixed, line, orders
from pydantic import ValidationError

from simulators.production_line import example

A: Any = {"name": "a", "route": ["s0"]}
B: Any = {"name": "b", "route": ["s0"]}
FITTERS: Any = {"name": "fitters", "skills": ["fitting"]}
DAY: Any = {"name": "day", "cycle_s": 100, "periods": [{"start_s": 0, "end_s": 50}]}
NIGHT: Any = {"name": "night", "cycle_s": 100, "periods": [{"start_s": 50, "end_s": 100}]}
WHEELS: Any = {"components": {"b": {"places": 2}}}
ENDLESS: Any = {"service": fixed(1), "buffer_places": None}
AT_ONCE: Any = {"service": fixed(0), "buffer_places": None}


def found(*stations: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """Return the faults of a line: field and message."""
    with pytest.raises(ValidationError) as caught:
        line(*stations, **more)
    return [(".".join(map(str, error["loc"])), error["msg"]) for error in caught.value.errors()]


FAULTS = {
    "station twice": ([{}, {"name": "s0"}], {}, "stations.1.name", "stands twice"),
    "type twice": ([{}], {"part_types": [A, A]}, "part_types.1.name", "stands twice"),
    "crew twice": ([{}], {"crews": [FITTERS, FITTERS]}, "crews.1.name", "stands twice"),
    "shift twice": ([{}], {"shifts": [DAY, DAY]}, "shifts.1.name", "stands twice"),
    "skill twice": ([{}], {"crews": [{"name": "x", "skills": ["a", "a"]}]}, "crews.0.skills.1", "stands twice"),
    "route": (
        [{}, {}],
        {"part_types": [{**A, "route": ["s0", "s7"]}]},
        "part_types.0.route.1",
        "choose one of: s0, s1",
    ),
    "feeds": ([{}], {"part_types": [{**A, "feeds": "s7"}]}, "part_types.0.feeds", "choose one of: s0"),
    "crew's shift": ([{}], {"crews": [{**FITTERS, "shift": "day"}]}, "crews.0.shift", "there is none"),
    "station's shift": ([{"shift": "dawn"}], {"shifts": [DAY]}, "stations.0.shift", "choose one of: day"),
    "ordered type": ([{}], {"release": orders(("z", 0))}, "release.orders.0.part_type", "choose one of: part"),
    "type with its own orders": (
        [{}],
        {"part_types": [A, {**B, "release": orders(("a", 0))}]},
        "part_types.1.release.orders.0.part_type",
        "choose one of: b",
    ),
    "type that has its own release": (
        [{}],
        {"part_types": [A, {**B, "release": orders(("b", 0))}], "release": orders(("b", 0))},
        "release.orders.0.part_type",
        "choose one of: a",
    ),
    "skill to work": ([{"service_skill": "a"}], {}, "stations.0.service_skill", "is no crew's skill"),
    "skill to set up": (
        [{"setup": {"time": fixed(1), "skill": "a"}}],
        {},
        "stations.0.setup.skill",
        "is no crew's skill",
    ),
    "skill to repair": (
        [{"failures": {"up_time": fixed(9), "repair_time": fixed(1), "skill": "a"}}],
        {"crews": [FITTERS]},
        "stations.0.failures.skill",
        "is no crew's skill; add it to one of crews",
    ),
    "skill to maintain": (
        [{"maintenance": {"every_s": 9, "duration": fixed(1), "skill": "a"}}],
        {},
        "stations.0.maintenance.skill",
        "is no crew's skill",
    ),
    "rework": ([{"inspection": {"rework": "s9"}}], {}, "stations.0.inspection.rework", "choose one of: s0"),
    "set-up rule": ([{"dispatching": "setup"}], {}, "stations.0.dispatching", "needs a setup"),
    "changeover from": (
        [{"setup": {"time": fixed(1), "changeovers": [{"before": "z", "after": "a", "time": fixed(2)}]}}],
        {"part_types": [A, B]},
        "stations.0.setup.changeovers.0.before",
        "choose one of: a, b",
    ),
    "changeover to": (
        [{"setup": {"time": fixed(1), "changeovers": [{"before": "a", "after": "z", "time": fixed(2)}]}}],
        {"part_types": [A, B]},
        "stations.0.setup.changeovers.0.after",
        "choose one of: a, b",
    ),
    "changeover to itself": (
        [{"setup": {"time": fixed(1), "changeovers": [{"before": "a", "after": "a", "time": fixed(2)}]}}],
        {"part_types": [A, B]},
        "stations.0.setup.changeovers.0.after",
        "remove it",
    ),
    "station that follows itself": (
        [{}, {}],
        {"part_types": [{**A, "route": ["s1", "s1"]}]},
        "part_types.0.route.1",
        "buffer_places ≥ 1",
    ),
    "station of one card that follows itself": (
        [{"kanban_cards": 1, "machines": 2, "buffer_places": 9}],
        {"part_types": [{**A, "route": ["s0", "s0"]}]},
        "part_types.0.route.1",
        "wait for itself for ever",
    ),
    "rework at itself": ([{"inspection": {"rework": "s0"}}], {}, "stations.0.inspection.rework", "name another"),
    "hours": (
        [{"shift": "day", "service_skill": "fitting"}],
        {"shifts": [DAY, NIGHT], "crews": [{**FITTERS, "shift": "night"}]},
        "stations.0.service_skill",
        "its shift is 'day', the crews' night; let hours overlap",
    ),
    "hours of those who set up": (
        [{"shift": "day", "setup": {"time": fixed(1), "skill": "fitting"}}],
        {"shifts": [DAY, NIGHT], "crews": [{**FITTERS, "shift": "night"}]},
        "stations.0.setup.skill",
        "let hours overlap",
    ),
    "unknown component": ([{"assembly": WHEELS}], {}, "stations.0.assembly.components.b", "choose one of: part"),
    "component that goes elsewhere": (
        [{}, {"assembly": WHEELS}],
        {"part_types": [{**A, "route": ["s0", "s1"]}, B]},
        "stations.1.assembly.components.b",
        "set its feeds = 's1'",
    ),
    "assembly that does not take it in": (
        [{}, {}],
        {"part_types": [A, {**B, "feeds": "s1"}]},
        "part_types.1.feeds",
        "add it to that station's assembly.components",
    ),
    "component that passes its own assembly": (
        [{"assembly": WHEELS}, {}],
        {"part_types": [A, {**B, "feeds": "s0"}]},
        "part_types.1.feeds",
        "may not need itself",
    ),
    "assembly that nothing passes": (
        [{}, {"assembly": WHEELS}],
        {"part_types": [A, {**B, "feeds": "s1"}]},
        "stations.1.assembly",
        "no route passes here",
    ),
    "components that need one another": (
        [
            {"assembly": WHEELS},
            {"assembly": {"components": {"a": {"places": 2}}}},
        ],
        {"part_types": [{**A, "route": ["s0"], "feeds": "s1"}, {**B, "route": ["s1"], "feeds": "s0"}]},
        "part_types.0.route",
        "a needs b needs a",
    ),
    "no release": ([{}], {"release": None}, "release", "is missing"),
    "no release of one type": (
        [{}],
        {"release": None, "part_types": [A, {**B, "release": orders(("b", 0))}]},
        "release",
        "part type 'a' has none of its own",
    ),
    "needless release": ([{}], {"part_types": [{**A, "release": orders(("a", 0))}]}, "release", "remove it"),
    "material without end": ([ENDLESS], {}, "stations.0.buffer_places", "give a number, or another release"),
    "material without end behind a conveyor": (
        [{**ENDLESS, "conveyor": {"transport_time_s": 0, "capacity": 3}}],
        {},
        "stations.0.buffer_places",
        "without end",
    ),
    "parts without end": ([{"service": fixed(0)}], {}, "stations.0.service", "pass without end at one instant"),
    "parts without end at constant wip": (
        [AT_ONCE, AT_ONCE],
        {"release": {"kind": "constant_wip", "parts": 3}},
        "stations.0.service",
        "let the service of one of s0, s1 have a mean > 0 s",
    ),
    "scrap without end at constant wip": (
        [{**AT_ONCE, "defect_probability": 1, "inspection": {}}, ENDLESS],
        {"release": {"kind": "constant_wip", "parts": 3}},
        "stations.0.service",
        "let the service here have a mean > 0 s",
    ),
    "type without end": (
        [{}],
        {"part_types": [A, {"name": "b", "route": [{"station": "s0", "service": fixed(0)}]}]},
        "stations.0.service",
        "without end",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_it_is_refused_at_its_field(case: str) -> None:
    stations, more, field, words = FAULTS[case]
    ((where, message),) = found(*stations, **more)
    assert where == field
    assert words in message


@pytest.mark.parametrize(
    ("stations", "more"),
    [
        pytest.param([{"machines": 2}], {"part_types": [{**A, "route": ["s0", "s0"]}]}, id="two machines in turn"),
        pytest.param([{"buffer_places": 1}], {"part_types": [{**A, "route": ["s0", "s0"]}]}, id="a place to wait"),
        pytest.param([{"inspection": {"rework": "s0"}, "buffer_places": 1}], {}, id="rework at itself with a place"),
        pytest.param([{**ENDLESS, "kanban_cards": 2}], {}, id="cards are a limit"),
        pytest.param(
            [AT_ONCE, {**ENDLESS, "inspection": {}}], {"release": {"kind": "constant_wip", "parts": 3}}, id="some time"
        ),
        pytest.param(
            [{"shift": "day", "service_skill": "fitting"}],
            {"shifts": [DAY, NIGHT], "crews": [{**FITTERS, "shift": "night"}, {**FITTERS, "name": "others"}]},
            id="somebody is always there",
        ),
        pytest.param(
            [{"shift": "day", "service_skill": "fitting"}],
            {"shifts": [DAY, {**NIGHT, "cycle_s": 150}], "crews": [{**FITTERS, "shift": "night"}]},
            id="cycles that drift",
        ),
    ],
)
def test_what_can_work_is_taken(stations: list[dict[str, Any]], more: dict[str, Any]) -> None:
    assert line(*stations, **more)


def test_all_faults_are_told_at_once_names_first() -> None:
    stations: Any = [{"service_skill": "a", "dispatching": "setup"}, {"name": "s0"}]
    assert [field for field, _ in found(*stations)] == ["stations.1.name", "stations.0.service_skill"]
    stations = [{"dispatching": "setup", "inspection": {"rework": "s0"}, "service": fixed(0)}]
    assert [field for field, _ in found(*stations)] == [
        "stations.0.dispatching",
        "stations.0.inspection.rework",
        "stations.0.service",
    ]


# ---- bounds of one model


@pytest.mark.parametrize(
    ("station", "field", "words"),
    [
        ({"service": fixed(-1)}, "stations.0.service.deterministic.value_s", "greater than or equal to 0"),
        ({"machines": 0}, "stations.0.machines", "greater than 0"),
        ({"colour": "red"}, "stations.0.colour", "Extra inputs"),
        ({"defect_probability": 1.5}, "stations.0.defect_probability", "less than or equal to 1"),
        ({"conveyor": {"transport_time_s": -1, "capacity": 1}}, "stations.0.conveyor.transport_time_s", "equal to 0"),
        ({"conveyor": {"transport_time_s": 1, "capacity": 0}}, "stations.0.conveyor.capacity", "greater than 0"),
        (
            {"failures": {"up_time": fixed(0), "repair_time": fixed(1)}},
            "stations.0.failures",
            "up_time must have a mean",
        ),
        ({"maintenance": {"every_s": 0, "duration": fixed(1)}}, "stations.0.maintenance.every_s", "greater than 0"),
        (
            {"kanban_cards": 1, "conveyor": {"transport_time_s": 1, "capacity": 1}},
            "stations.0",
            "kanban_cards and conveyor cannot both be given",
        ),
        ({"assembly": {"components": {}}}, "stations.0.assembly.components", "at least 1 item"),
        (
            {"assembly": {"components": {"b": {"count": 3, "places": 2}}}},
            "stations.0.assembly.components.b",
            "places = 2 must be ≥ count = 3",
        ),
        (
            {"setup": {"time": fixed(1), "changeovers": [{"before": "a", "after": "b", "time": fixed(1)}] * 2}},
            "stations.0.setup",
            "changeovers.1: 'a' to 'b' stands twice",
        ),
        ({"inspection": {"detection": -0.1}}, "stations.0.inspection.detection", "greater than or equal to 0"),
    ],
)
def test_bounds_of_a_station(station: dict[str, Any], field: str, words: str) -> None:
    where, message = found(station)[0]
    assert where == field
    assert words in message


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"horizon_s": 0}, "horizon_s", "greater than 0"),
        ({"crews": [{**FITTERS, "members": 0}]}, "crews.0.members", "greater than 0"),
        ({"crews": [{"name": "idle", "skills": []}]}, "crews.0.skills", "at least 1 item"),
        ({"shifts": [{"name": "day", "periods": []}]}, "shifts.0.periods", "at least 1 item"),
        (
            {"shifts": [{"name": "day", "periods": [{"start_s": 5, "end_s": 5}]}]},
            "shifts.0.periods.0",
            "end_s = 5.0 must be > start_s = 5.0",
        ),
        (
            {"shifts": [{**DAY, "periods": [{"start_s": 9, "end_s": 20}, {"start_s": 20, "end_s": 30}]}]},
            "shifts.0",
            "periods.1.start_s = 20.0 must be > 20.0",
        ),
        ({"shifts": [{**DAY, "cycle_s": 40}]}, "shifts.0", "periods end at 50.0 s, which must be ≤ cycle_s = 40.0"),
        ({"part_types": [{"name": "a", "route": []}]}, "part_types.0.route", "at least 1 item"),
        ({"part_types": [{**A, "share": 0}]}, "part_types.0.share", "greater than 0"),
        (
            {"release": {"kind": "interval", "interval": fixed(0)}},
            "release.interval",
            "interval must have a mean > 0 s",
        ),
        ({"release": {"kind": "orders", "orders": []}}, "release.orders.orders", "at least 1 item"),
        ({"release": {"kind": "constant_wip", "parts": 0}}, "release.constant_wip.parts", "greater than 0"),
        ({"release": {"kind": "kanban", "cards": 0}}, "release.kanban.cards", "greater than 0"),
        ({"release": {"kind": "pull"}}, "release", "'saturated', 'interval', 'constant_wip', 'kanban', 'orders'"),
        (
            {"release": {"kind": "orders", "orders": [{"quantity": 0, "due_s": 9}]}},
            "release.orders.orders.0.quantity",
            "greater than 0",
        ),
        (
            {"release": {"kind": "orders", "orders": [{"quantity": 1, "release_s": 9, "due_s": 5}]}},
            "release.orders.orders.0",
            "due_s = 5.0 must be ≥ release_s = 9.0",
        ),
    ],
)
def test_bounds_of_a_line(more: dict[str, Any], field: str, words: str) -> None:
    where, message = found({}, **more)[0]
    assert where == field
    assert words in message


def test_no_stations() -> None:
    ((where, _),) = found()
    assert where == "stations"


def test_the_example_is_sound() -> None:
    assert type(example()).model_validate(example().model_dump()) == example()
