"""What the commands do to a garden that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulators import CommandError
from simulators.heritage_garden import Event
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.heritage_garden import HeritageGarden

    Corridor = Callable[..., HeritageGarden]

MANY = {"visitors.0.arrivals": [{"from_s": 200, "to_s": 1200, "visitors": 100}]}


def do(twin: Twin, command: str, **fields: Any) -> None:
    twin.apply({"command": command, **fields}, who="manager")


def times(twin: Twin, event: Event) -> list[float]:
    journal = twin.journal()
    found: list[float] = journal.time_s[journal.event == event].tolist()
    return found


def test_a_closed_gate_lets_nobody_in_until_it_is_opened(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY), seed=1)
    twin.advance(300)
    do(twin, "close_place", place="gate")
    twin.advance(600)
    assert not [time_s for time_s in times(twin, Event.CHECK) if time_s > 300]
    do(twin, "open_place", place="gate")
    assert times(twin, Event.CHECK)[-1] == 600


def test_a_closed_scene_draws_nobody_and_who_is_there_may_stay(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY), seed=1)
    twin.advance(500)
    inside = twin.snapshot()["scenes"][0]["visitors"]
    assert inside
    do(twin, "close_place", place="hall")
    assert twin.snapshot()["scenes"][0] == {"name": "hall", "open": False, "visitors": inside, "capacity": 30}
    twin.advance(900)
    assert not [time_s for time_s in times(twin, Event.VISIT) if time_s > 500]


def test_whoever_follows_the_plan_again_is_open_and_closed_by_it(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY), seed=1)
    twin.advance(50)
    do(twin, "open_place", place="gate")  # before the garden opens
    assert twin.snapshot()["gates"][0]["open"]
    do(twin, "follow_plan", place="gate")
    assert not twin.snapshot()["gates"][0]["open"]
    twin.advance(101)
    assert twin.snapshot()["gates"][0]["open"]


def test_the_cap_can_be_moved(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY | {"controls.cap": 2}), seed=1)
    twin.advance(400)
    assert twin.snapshot()["inside"] == 2
    do(twin, "set_cap", visitors=5)
    twin.advance(500)
    assert twin.snapshot()["inside"] == 5
    do(twin, "set_cap", visitors=None)
    twin.advance(800)
    assert twin.snapshot()["inside"] > 5


def test_more_counters_check_more_tickets_at_a_time(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY | {"visitors.0.arrivals": [{"from_s": 200, "to_s": 210, "visitors": 50}]}), seed=1)
    twin.advance(250)
    assert twin.snapshot()["gates"][0]["busy"] == 1
    do(twin, "set_counters", gate="gate", counters=4)
    assert twin.snapshot()["gates"][0]["busy"] == 4
    do(twin, "set_counters", gate="gate", counters=2)
    twin.advance(275)
    assert twin.snapshot()["gates"][0]["busy"] == 2


def test_a_path_can_be_made_one_way(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY), seed=1)
    twin.advance(300)
    do(twin, "set_direction", path="way", direction="backward")
    assert twin.snapshot()["paths"][0]["direction"] == "backward"
    twin.advance(600)
    assert not [time_s for time_s in times(twin, Event.VISIT) if time_s > 345]  # who was on it walked on


def test_the_alarm_gets_everybody_out_and_is_raised_once(corridor: Corridor) -> None:
    twin = Twin(corridor(MANY | {"alarm_s": 2000}), seed=1)
    twin.advance(700)
    assert twin.snapshot()["inside"]
    do(twin, "raise_alarm")
    with pytest.raises(CommandError, match="command = 'raise_alarm': has been given already"):
        do(twin, "raise_alarm")
    twin.advance(2500)
    assert twin.snapshot()["inside"] == 0
    assert times(twin, Event.ALARM) == [700]


def test_a_snapshot_tells_where_everybody_is(corridor: Corridor) -> None:
    twin = Twin(corridor({"visitors.0.arrivals": [{"from_s": 200, "to_s": 500, "visitors": 60}]}), seed=1)
    seen = set()
    for moment_s in range(200, 900, 10):
        twin.advance(moment_s)
        snapshot = twin.snapshot()
        by_doing: dict[str, int] = {}
        for party in snapshot["parties"]:
            by_doing[party["doing"]] = by_doing.get(party["doing"], 0) + party["visitors"]
        seen |= set(by_doing)
        assert by_doing.get("queued", 0) == sum(gate["queued"] for gate in snapshot["gates"])
        assert by_doing.get("visiting", 0) == sum(scene["visitors"] for scene in snapshot["scenes"])
        walking = sum(path["forward"] + path["backward"] for path in snapshot["paths"])
        assert by_doing.get("walking", 0) == walking
        assert sum(by_doing.values()) - by_doing.get("queued", 0) == snapshot["inside"]
        assert all(0 <= party["share"] <= 1 for party in snapshot["parties"] if party["doing"] == "walking")
    assert {"queued", "checking", "walking", "visiting"} <= seen


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ({"command": "close_place", "place": "moon"}, "place = 'moon': is not there; choose one of: gate, hall, way"),
        ({"command": "follow_plan", "place": "hall"}, "place = 'hall': follows the plan already"),
        (
            {"command": "set_counters", "gate": "hall", "counters": 2},
            "gate = 'hall': is not there; choose one of: gate",
        ),
        ({"command": "set_counters", "gate": "gate", "counters": 0}, "counters = 0: "),
        ({"command": "set_direction", "path": "way", "direction": "up"}, "direction = 'up': input should be 'both'"),
        ({"command": "set_cap", "visitors": 1.5}, "visitors = 1.5: "),
    ],
)
def test_what_cannot_be_done_is_refused(corridor: Corridor, command: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        Twin(corridor(), seed=1).apply(command, who="manager")
