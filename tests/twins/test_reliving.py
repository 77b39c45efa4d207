"""A plant that is wound back or forked lives through its past once more, but not before somebody needs that."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from simulators import CommandError
from simulators.production_line import example
from twins import reliving
from twins.errors import ReplayError
from twins.live import Live
from twins.pacing import Pace
from twins.progress import progress_in
from twins.rows import cut
from twins.source import SimulatedPlant
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from simulators import Command, Journal, Scenario, Text

FAIL = {"command": "fail_machine", "station": "press", "repair_time_s": 200}


class Shown:
    """Keeps what is told of progress; somebody presses Ctrl-C at a share of it."""

    def __init__(self) -> None:
        self.told: dict[str, list[float]] = {}
        self.ctrl_c_at = 2.0

    @contextmanager
    def __call__(self, doing: Text) -> Iterator[Callable[[float], None]]:
        shares = self.told.setdefault(doing.en, [])

        def tell(share: float) -> None:
            shares.append(share)
            if share >= self.ctrl_c_at:
                raise KeyboardInterrupt

        yield tell


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture(autouse=True)
def _short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reliving, "SLICE_ROWS", 100)


def test_the_past_is_there_at_once_and_the_plant_when_it_is_needed(shown: Shown) -> None:
    twin = Twin(example(), 1, who="student", progress=shown)
    twin.advance(600)
    twin.apply(FAIL)
    twin.advance(2000)
    fork = twin.fork()
    assert not fork.ready
    assert (fork.digest, fork.journal(), fork.given) == (twin.digest, twin.journal(), twin.given)
    assert "living through the past once more" not in shown.told
    twin.rewind(900)
    assert not twin.ready
    rows, digest = twin.rows, twin.digest
    assert fork.journal(rows).time_s[0] >= 900
    assert twin.kpis()["parts_made"].value < fork.kpis()["parts_made"].value
    assert twin.snapshot()["rows"] == rows
    assert twin.ready
    assert twin.digest == digest
    shares = shown.told["living through the past once more"]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_fork_of_a_fork_and_of_a_twin_that_was_wound_back_stand_where_they_stood() -> None:
    twin = Twin(example(), 1, who="student")
    twin.advance(1500)
    twin.rewind(300)
    forks = [twin.fork(), twin.fork().fork()]
    forks[0].apply(FAIL)
    for one in (twin, *forks):
        one.advance(2000)
    fresh = Twin(example(), 1)
    fresh.advance(2000)
    assert twin.digest == forks[1].digest == fresh.digest != forks[0].digest


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_who_interrupts_finds_the_twin_where_it_stood(shown: Shown, tmp_path: Path, share: float) -> None:
    log = tmp_path / "twin.jsonl"
    fresh = Twin(example(), 1)
    with Twin(example(), 1, log=log, who="student", progress=shown) as twin:
        twin.advance(500)
        twin.apply(FAIL)
        stood = twin.time_s, twin.digest, twin.given
        shown.ctrl_c_at = share
        for _ in range(2):  # the second time it is already living through its past
            with pytest.raises(KeyboardInterrupt):
                twin.advance(2000)
            assert (twin.time_s, twin.digest, twin.given) == stood
        shown.ctrl_c_at = 2.0
        twin.advance(2000)
        there = twin.digest
    fresh.advance(500)
    fresh.apply(FAIL, who="student")
    fresh.advance(2000)
    assert there == fresh.digest
    with Twin(example(), 1, log=log) as resumed:
        assert resumed.digest == there


def test_a_plant_that_comes_out_otherwise_is_not_taken_for_the_same() -> None:
    luck = iter((1, 2))

    def another(scenario: Scenario, _: int, replication: int) -> SimulatedPlant:
        return SimulatedPlant(scenario, next(luck), replication)

    twin = Twin(example(), 1, source=another)
    twin.advance(1000)
    fork = twin.fork()
    with pytest.raises(ReplayError, match="cannot stand at 1000 s as it did"):
        fork.snapshot()
    assert not fork.ready


def test_so_is_one_that_refuses_a_command_that_it_took() -> None:
    made: list[SimulatedPlant] = []

    class Stubborn(SimulatedPlant):
        """Takes commands only the first time."""

        def __init__(self, scenario: Scenario, seed: int, replication: int = 0) -> None:
            super().__init__(scenario, seed, replication)
            made.append(self)

        def apply(self, command: Command, number: int) -> None:
            if self is not made[0]:
                raise command.refused(field="command", because="not again")
            super().apply(command, number)

    twin = Twin(example(), 1, source=Stubborn, who="student")
    twin.apply(FAIL)
    twin.advance(1000)
    with pytest.raises(ReplayError, match=r"a command is refused: .*not again"):
        twin.fork().snapshot()


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.jumps = 0
        self.pieces: list[Journal] = []

    def happened(self, piece: Journal, until_s: float) -> None:
        assert not self.shares or self.jumps
        self.pieces.append(cut(piece, 0, int(until_s >= 0) * len(piece)))

    def reliving(self, share: float) -> None:
        self.shares.append(share)

    def jumped(self) -> None:
        self.jumps += 1

    def ended(self) -> None:
        raise AssertionError


def test_a_live_twin_that_is_wound_back_keeps_nobody_waiting() -> None:
    twin = Twin(example(), 1)
    twin.advance(2000)
    live, ear = Live(twin, Pace(2000.0, 10.0, clock=lambda: 7.0), tick_s=0.0), Ear()
    live.listen(ear)
    live.rewind(1200, who="teacher")
    assert not twin.ready
    assert twin.time_s == 1200
    refusals = 0
    while not twin.ready:
        with pytest.raises(CommandError, match="living through its past once more") as caught:
            live.apply(FAIL, who="teacher")  # which is a step
        assert caught.value.fault == "state"
        refusals += 1
        assert refusals < 100
        if live.relived > 0.99:
            live.step()
    assert refusals > 2
    assert ear.shares == sorted(ear.shares)
    assert (ear.jumps, live.relived, ear.pieces) == (1, 1.0, [])
    live.apply(FAIL, who="teacher")
    assert sum(map(len, ear.pieces)) > 0


@pytest.mark.parametrize(("language", "said"), [("zh", "推进"), ("en", "moving on"), (None, "推进 · moving on")])
def test_a_bar_comes_where_something_lasts(
    language: str | None, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = Twin(example(), 1, progress=progress_in(language))
    twin.advance(500)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("twins.progress.PATIENCE_S", 0.0)
    twin.advance(2000)
    assert said in capsys.readouterr().err
