"""What a browser is sent of a plant that runs fast: its clock may be off by seconds, which are hours of the plant's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pytest
import redis

from simulators.compute_cluster import example
from twins.feed import Broadcast, Piece, Snapshot
from twins.moments import Moments
from twins.showing import movers_of
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

FAST = 600.0


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now_s = [100.0]
    monkeypatch.setattr("twins.moments.time.monotonic", lambda: now_s[0])
    return now_s


@pytest.fixture
def twin() -> Twin:
    return Twin(example(), 1)


@pytest.fixture
def moments(twin: Twin, redis_url: str) -> Iterator[Moments]:
    with redis.Redis.from_url(redis_url) as client:
        name = uuid4().hex
        Broadcast(twin, client, name).ended()
        yield Moments(client, name, twin.journal)


def run(twin: Twin, moments: Moments, wall: list[float], *, seconds: int, speed: float = FAST) -> None:
    """Let a plant run for some seconds of the viewer's."""
    moments.hear(Snapshot("1-0", "joined", twin.time_s, twin.rows, {}))
    for _ in range(seconds):
        piece = twin.advance(twin.time_s + speed)
        wall[0] += 1
        moments.hear(Piece("", twin.time_s, twin.rows - len(piece), piece))


def test_the_speed_is_known_after_a_second(twin: Twin, moments: Moments, wall: list[float]) -> None:
    run(twin, moments, wall, seconds=1)
    assert moments.speed() == 0
    run(twin, moments, wall, seconds=8)
    assert moments.speed() == pytest.approx(FAST)
    run(twin, moments, wall, seconds=8, speed=30)  # it is heard of anew after a snapshot
    assert moments.speed() == pytest.approx(30)


def test_whoever_is_some_seconds_off_sees_what_is_there(twin: Twin, moments: Moments, wall: list[float]) -> None:
    run(twin, moments, wall, seconds=10)
    head = moments.moment().head
    start_s, end_s = moments.window_s()
    assert head["shown_until_s"] >= twin.time_s + 2 * FAST
    shown = {movers.name: movers for movers in movers_of(moments.run(), start_s, end_s)}
    cells = [movers for name, movers in shown.items() if name.startswith("cells")]
    for off_s in (-2 * FAST, 0.0, 2 * FAST):
        lit = sum(int(movers.shown_at(twin.time_s + off_s - start_s).sum()) for movers in cells)
        assert lit > 0
    sent = head["movers"]
    assert any(name.startswith("cells") for name in sent)


def test_jobs_are_seen_to_travel_for_a_second_of_the_viewers(twin: Twin, moments: Moments, wall: list[float]) -> None:
    run(twin, moments, wall, seconds=10)
    coming = [movers for movers in moments.scene().movers if movers.name.startswith("coming")]
    ways_s = np.concatenate([movers.arrive_s - movers.appear_s for movers in coming])
    assert ways_s.max() == pytest.approx(1.2 * FAST)


def test_a_slow_plant_is_sent_no_more_than_it_needs(twin: Twin, moments: Moments, wall: list[float]) -> None:
    run(twin, moments, wall, seconds=10, speed=10)
    assert moments.window_s() == (0.0, twin.time_s)
    run(twin, moments, wall, seconds=30, speed=10)
    assert moments.window_s() == (twin.time_s - 120, twin.time_s)
