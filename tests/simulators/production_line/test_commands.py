"""What the commands do to a running line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulators import CommandError, DeadlockError
from simulators.production_line import Event, ProductionLine
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Mapping


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def line(*stations: Mapping[str, Any], horizon_s: float = 10_000, **more: Any) -> Twin:
    data = {"release": {"kind": "saturated"}} | more
    content = {"kind": "production_line", "horizon_s": horizon_s, "stations": list(stations), **data}
    return Twin(ProductionLine.model_validate(content), seed=1)


def station(name: str, service_s: float, places: int | None = 5, **more: Any) -> dict[str, Any]:
    return {"name": name, "service": fixed(service_s), "buffer_places": places, **more}


def machine(twin: Twin, name: str, number: int = 1) -> dict[str, Any]:
    for one in twin.snapshot()["stations"]:
        if one["name"] == name:
            found: dict[str, Any] = one["machines"][number - 1]
            return found
    raise AssertionError


def do(twin: Twin, command: str, **fields: Any) -> None:
    twin.apply({"command": command, **fields}, who="teacher")


def times(twin: Twin, event: Event) -> list[float]:
    journal = twin.journal()
    found: list[float] = journal.time_s[journal.event == event].tolist()
    return found


def test_a_failed_machine_stands_until_it_is_repaired() -> None:
    twin = line(station("press", 10))
    twin.advance(25)
    do(twin, "fail_machine", station="press")
    assert machine(twin, "press")["state"] == "down"
    twin.advance(125)
    do(twin, "repair_machine", station="press")
    twin.advance(140)
    assert times(twin, Event.FINISH) == [10, 20, 130]  # 5 s of the third were done


def test_a_failure_may_end_by_itself() -> None:
    twin = line(station("press", 10))
    twin.advance(25)
    do(twin, "fail_machine", station="press", repair_time_s=40)
    twin.advance(100)
    assert times(twin, Event.REPAIR) == [65]


def test_who_repairs_early_calls_off_the_repair_that_is_under_way() -> None:
    failures = {"up_time": fixed(100), "repair_time": fixed(50), "clock": "calendar"}
    twin = line(station("press", 10, failures=failures))
    twin.advance(110)
    do(twin, "repair_machine", station="press")
    twin.advance(205)
    assert times(twin, Event.REPAIR) == [110]
    assert times(twin, Event.FAIL) == [100]
    twin.advance(260)
    assert times(twin, Event.FAIL) == [100, 210]  # it has been renewed


def test_a_repair_by_hand_sends_the_crew_home() -> None:
    failures = {"up_time": fixed(100), "repair_time": fixed(50), "clock": "calendar", "skill": "mechanic"}
    crews = [{"name": "fitters", "members": 1, "skills": ["mechanic"]}]
    twin = line(station("press", 10, failures=failures), crews=crews)
    twin.advance(110)
    assert twin.snapshot()["crews"][0]["busy"] == 1
    do(twin, "repair_machine", station="press")
    assert twin.snapshot()["crews"][0]["busy"] == 0


def test_places_added_to_a_buffer_fill_at_once_and_those_taken_away_empty_slowly() -> None:
    twin = line(station("press", 10), station("paint", 100, places=1))
    twin.advance(95)
    assert machine(twin, "press")["state"] == "blocked"
    do(twin, "set_buffer_places", station="paint", places=4)
    assert machine(twin, "press")["state"] == "working"
    twin.advance(1000)
    do(twin, "set_buffer_places", station="paint", places=1)
    queue = [len(one["queue"]) for one in twin.snapshot()["stations"] if one["name"] == "paint"]
    assert queue == [4]
    twin.advance(1900)
    queue = [len(one["queue"]) for one in twin.snapshot()["stations"] if one["name"] == "paint"]
    assert queue == [1]


def test_a_stopped_release_lets_nothing_in() -> None:
    twin = line(station("press", 10), release={"kind": "interval", "interval": fixed(10)})
    twin.advance(55)
    do(twin, "stop_release")
    twin.advance(105)
    assert times(twin, Event.RELEASE) == [10, 20, 30, 40, 50]
    assert twin.snapshot()["releases"][0]["outside"] == 5
    do(twin, "start_release")
    assert times(twin, Event.RELEASE)[5:] == [105] * 5


def test_the_wip_limit_can_be_moved() -> None:
    twin = line(station("press", 10, places=None), release={"kind": "constant_wip", "parts": 2})
    twin.advance(5)
    do(twin, "set_wip", parts=6)
    assert twin.snapshot()["wip"] == 6
    do(twin, "set_wip", parts=1)
    twin.advance(100)
    assert twin.snapshot()["wip"] == 1


def test_more_people_take_waiting_tasks_at_once() -> None:
    crews = [{"name": "workers", "members": 1, "skills": ["hand"]}]
    twin = line(station("press", 10, machines=3, service_skill="hand"), crews=crews)
    twin.advance(5)
    assert [machine(twin, "press", number)["state"] for number in (1, 2, 3)] == ["working", "awaiting", "awaiting"]
    do(twin, "set_crew_members", crew="workers", members=3)
    assert [machine(twin, "press", number)["state"] for number in (1, 2, 3)] == ["working"] * 3


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ({"command": "fail_machine", "station": "oven"}, r"station = 'oven': is not there; choose one of: press"),
        ({"command": "fail_machine", "station": "press", "machine": 2}, r"machine = 2: must be ≤ 1"),
        ({"command": "fail_machine", "station": "press", "machine": True}, r"machine = True: input should be"),
        ({"command": "repair_machine", "station": "press"}, r"machine = 1: is not down"),
        ({"command": "set_buffer_places", "station": "press", "places": -1}, r"places = -1: .* greater than or equal"),
        ({"command": "start_release"}, r"release = 'release': is running already"),
        ({"command": "set_wip", "parts": 3}, r"release = 'release': does not limit its parts"),
        ({"command": "set_crew_members", "crew": "night", "members": 1}, r"crew = 'night': is not there"),
    ],
)
def test_what_cannot_be_done_is_refused(command: dict[str, Any], message: str) -> None:
    twin = line(station("press", 10))
    with pytest.raises(CommandError, match=message):
        twin.apply(command, who="teacher")


def test_a_line_that_a_command_locks_is_told_and_stays_where_it_was() -> None:
    kinds = [
        {"name": "there", "share": 1, "route": [{"station": "press"}, {"station": "paint"}]},
        {"name": "back", "share": 1, "route": [{"station": "paint"}, {"station": "press"}]},
    ]
    twin = line(station("press", 10, places=None), station("paint", 10, places=None), part_types=kinds,
                release={"kind": "constant_wip", "parts": 40})  # fmt: skip
    twin.advance(50)
    for name in ("press", "paint"):
        do(twin, "set_buffer_places", station=name, places=0)
    with pytest.raises(DeadlockError, match="press → paint → press"):
        twin.advance(5000)
    assert twin.time_s == 50
    do(twin, "set_buffer_places", station="press", places=None)
    twin.advance(5000)
