"""A twin keeps step with the clock, and tells everybody everything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from simulators import CommandError, DeadlockError, Journal
from simulators.journal import joined
from simulators.production_line import ProductionLine, example
from twins.live import Live
from twins.pacing import Pace
from twins.twin import Twin

if TYPE_CHECKING:
    from pathlib import Path


class Wall:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.pieces: list[Journal] = []
        self.until_s = -1.0
        self.jumps = 0
        self.over = False

    def happened(self, piece: Journal, until_s: float) -> None:
        self.pieces.append(piece)
        self.until_s = until_s

    def reliving(self, share: float) -> None:
        raise AssertionError(share)

    def jumped(self) -> None:
        self.pieces.clear()
        self.jumps += 1

    def ended(self) -> None:
        self.over = True


@pytest.fixture
def wall() -> Wall:
    return Wall()


def live(twin: Twin, wall: Wall, speed: float = 10.0) -> tuple[Live, Ear]:
    found, ear = Live(twin, Pace(twin.time_s, speed, clock=wall)), Ear()
    found.listen(ear)
    return found, ear


def test_it_goes_as_fast_as_it_is_told(wall: Wall) -> None:
    found, ear = live(Twin(example(), 1), wall)
    wall.now_s += 0.5
    found.step()
    assert (found.twin.time_s, ear.until_s) == (5.0, 5.0)
    found.pace.set_speed(100)
    wall.now_s += 0.5
    found.step()
    assert found.twin.time_s == 55.0
    found.pace.pause()
    wall.now_s += 500
    found.step()
    assert found.twin.time_s == 55.0
    found.pace.go()
    wall.now_s += 0.25
    found.step()
    assert found.twin.time_s == 80.0


def test_listeners_hear_everything_once_commands_included(wall: Wall) -> None:
    twin = Twin(example(), 1)
    first = twin.rows
    found, ear = live(twin, wall, speed=300)
    for step in range(12):
        wall.now_s += 0.37
        if step == 5:
            found.apply({"command": "fail_machine", "station": "press"}, who="teacher")
        found.step()
    assert joined(ear.pieces, twin.journal().places) == twin.journal(first)
    assert [given.time_s for given in twin.given] == [pytest.approx(6 * 0.37 * 300)]
    found.end()
    assert ear.over


def test_a_refused_command_is_told_to_nobody(wall: Wall) -> None:
    found, ear = live(Twin(example(), 1), wall)
    with pytest.raises(CommandError):
        found.apply({"command": "repair_machine", "station": "press"}, who="teacher")
    assert sum(map(len, ear.pieces)) == 0


def test_wound_back_it_goes_on_from_there(wall: Wall) -> None:
    found, ear = live(Twin(example(), 1), wall, speed=100)
    for _ in range(5):
        wall.now_s += 1
        found.step()
    found.rewind(120, who="teacher")
    assert ear.jumps == 1
    wall.now_s += 1
    found.step()
    assert (found.twin.time_s, ear.until_s) == (220.0, 220.0)


def test_a_plant_that_cannot_keep_up_is_late_and_not_frozen(wall: Wall) -> None:
    found, _ = live(Twin(example(), 1), wall, speed=10)
    wall.now_s += 60  # the machine was busy for a minute
    found.step()
    assert found.late
    assert found.twin.time_s == 10.0
    wall.now_s += 1
    found.step()
    assert not found.late
    assert found.twin.time_s == 20.0


def test_it_ends_at_its_horizon_and_the_log_knows(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        found = Live(twin, Pace(0.0, 1e5), tick_s=0.001)
        asyncio.run(found.run())
        assert twin.time_s == twin.horizon_s
    with Twin(example(), 1, log=log) as twin:
        assert twin.time_s == twin.horizon_s


def test_whatever_anybody_was_told_is_in_the_log_already(wall: Wall, tmp_path: Path) -> None:
    """As it is read by another process: the twin may be killed at any moment."""
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        found, ear = live(twin, wall, speed=40)
        for _ in range(8):
            wall.now_s += 1
            found.step()
            left = Twin.replay(log)
            assert joined([left.journal()], left.journal().places) == twin.journal()
        assert sum(map(len, ear.pieces)) > 0


def test_a_stuck_plant_says_so_and_can_be_helped(wall: Wall) -> None:
    service = {"kind": "deterministic", "value_s": 10}
    stations = [{"name": name, "service": service, "buffer_places": 0} for name in ("press", "paint")]
    kinds = [
        {"name": "there", "share": 1, "route": [{"station": "press"}, {"station": "paint"}]},
        {"name": "back", "share": 1, "route": [{"station": "paint"}, {"station": "press"}]},
    ]
    content: dict[str, Any] = {
        "kind": "production_line",
        "horizon_s": 10_000,
        "stations": stations,
        "part_types": kinds,
        "release": {"kind": "constant_wip", "parts": 4},
    }
    found, _ = live(Twin(ProductionLine.model_validate(content), 1), wall, speed=100)
    for _ in range(100):
        wall.now_s += 1
        found.step()
    assert isinstance(found.stuck, DeadlockError)
    stood_s = found.twin.time_s
    found.apply({"command": "set_buffer_places", "station": "press", "places": None}, who="teacher")
    assert found.stuck is None
    wall.now_s += 1
    found.step()
    assert found.twin.time_s > stood_s


@pytest.mark.parametrize("speed", [0, -1, 1e7, float("nan")])
def test_a_speed_has_bounds(speed: float) -> None:
    with pytest.raises(ValueError, match="must be > 0"):
        Pace(0.0, speed)
