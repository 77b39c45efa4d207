"""Assembly, by journals worked out by hand."""

from __future__ import annotations

from typing import Any

from production_lines import fixed, journal_of, line, orders, times, told

from simulators.production_line import Event

TYPES = [
    {"name": "car", "route": ["s1"], "release": orders(("car", 0), ("car", 0))},
    {"name": "wheel", "route": ["s0"], "feeds": "s1", "release": {"kind": "saturated"}},
]


def assembly(places: int, count: int = 2, **station: Any) -> dict[str, Any]:
    kit = {"components": {"wheel": {"count": count, "places": places}}}
    return {"service": fixed(10), "buffer_places": 1, "assembly": kit, **station}


def test_a_service_begins_when_the_kit_is_complete() -> None:
    journal = journal_of(line({"service": fixed(3)}, assembly(4), release=None, part_types=TYPES, horizon_s=20))
    assert told(journal, Event.QUEUE, part=0) == [(0, "QUEUE", 0, "s1.buffer")]
    # Wheels come at 3 and 6; then the kit is taken in, wheel by wheel, and work begins.
    assert [row for row in told(journal, Event.ASSEMBLE, Event.START) if row[3] == "s1.1"][:3] == [
        (6, "ASSEMBLE", 2, "s1.1"),
        (6, "ASSEMBLE", 3, "s1.1"),
        (6, "START", 0, "s1.1"),
    ]
    assert times(journal, Event.START, 1) == [16]


def test_components_without_a_place_are_blocked() -> None:
    journal = journal_of(line({"service": fixed(3)}, assembly(2), release=None, part_types=TYPES, horizon_s=30))
    # 6: kit of the first car; 9 and 12: places full; 15: a wheel waits on its machine until the second kit, at 16.
    wheels = [(time_s, part) for time_s, _, part, place in told(journal, Event.LEAVE) if place == "s0.1"]
    assert wheels == [(3, 2), (6, 3), (9, 4), (12, 5), (16, 6), (19, 7)]
    assert times(journal, Event.FINISH, 6) == [15]


def test_a_part_that_finds_a_complete_kit_and_a_ready_machine_does_not_queue() -> None:
    types = [{**TYPES[0], "release": orders(("car", 8))}, TYPES[1]]
    journal = journal_of(line({"service": fixed(3)}, assembly(2), release=None, part_types=types, horizon_s=12))
    assert told(journal, Event.QUEUE, part=0) == []
    assert times(journal, Event.START, 0) == [8]


def test_a_component_taken_in_lets_the_next_one_into_a_line_of_constant_wip() -> None:
    wheels = {**TYPES[1], "release": {"kind": "constant_wip", "parts": 2}}
    scenario = line({"service": fixed(3)}, assembly(4), release=None, part_types=[TYPES[0], wheels], horizon_s=16)
    released = [time_s for time_s, _, _, place in told(journal_of(scenario), Event.RELEASE) if place == "type.wheel"]
    assert released == [0, 3, 6, 9]
