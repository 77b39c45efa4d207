"""Events on their way from an engine to meter and journal, and the memory that they may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulators import Journal, Kpi, MemoryLimitError, NoJournalError, memory, simulate
from simulators.recorder import PIECE_ROWS, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class CountingMeter:
    """Counts events, and keeps how many came at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def add(self, piece: Journal) -> None:
        self.sizes.append(len(piece))

    def kpis(self) -> dict[str, Kpi]:
        return {"events": Kpi(float(sum(self.sizes)), "events")}


def columns(first: int, count: int) -> tuple[Any, ...]:
    number = np.arange(first, first + count)
    return number.astype(float), (number % 5).astype(np.int16), number, np.zeros(count, np.int32)


def write(recorder: Recorder, first: int, count: int, unused: int = 0) -> None:
    """Write events as a compiled engine does, into room for more than it needs."""
    rows = recorder.room(count + unused)
    for room in rows[:4]:
        room[:] = 99
    rows.time_s[:count], rows.event[:count], rows.entity[:count], rows.place[:count] = columns(first, count)
    recorder.written(count)


def test_a_journal_is_what_was_recorded_whatever_the_pieces() -> None:
    one, other = Recorder(("here",), CountingMeter()), Recorder(("here",), CountingMeter())
    write(one, 0, 100)
    write(other, 0, 60, unused=PIECE_ROWS)
    for row in zip(*(column.tolist() for column in columns(60, 40)), strict=True):
        other.record(row)
    other.flush()
    assert one.journal() == other.journal()
    assert len(one.journal()) == 100


def test_numbers_of_entities_are_kept_exactly() -> None:
    recorder = Recorder(("here",), CountingMeter())
    for entity in (-1, 2**53, 2**53 - 1):
        recorder.record((1.5, 3, entity, -1))
    recorder.flush()
    assert recorder.journal().entity.tolist() == [-1, 2**53, 2**53 - 1]
    assert recorder.journal().place.tolist() == [-1] * 3


def test_nothing_recorded_is_an_empty_journal() -> None:
    recorder = Recorder(("here",), CountingMeter())
    recorder.flush()
    assert len(recorder.journal()) == 0


def test_the_limit_names_memory_events_time_and_what_to_do() -> None:
    """Ten million events of 22 bytes would fit in 440 MB, with the copy that the journal is; they are given 100."""
    recorder = Recorder(("here",), CountingMeter(), memory_bytes=100_000_000)
    words = (
        r"memory_bytes = 100,000,000 is full after 2,2\d\d,\d{3} events, at 2,2\d\d,\d{3} s .*horizon_s.*journal=False"
    )

    def take_ten_million() -> None:
        for first in range(0, 10_000_000, PIECE_ROWS):
            write(recorder, first, PIECE_ROWS)

    with pytest.raises(MemoryLimitError, match=words):
        take_ten_million()


def test_without_a_journal_there_is_no_limit() -> None:
    meter = CountingMeter()
    recorder = Recorder(("here",), meter, keep=False, memory_bytes=1)
    write(recorder, 0, PIECE_ROWS)
    assert meter.kpis()["events"].value == PIECE_ROWS


def test_the_simpy_engine_hands_events_on_while_it_runs(queue: Callable[..., Any]) -> None:
    """An endless run ends when its journal is full, and not when its list of rows has eaten the machine."""
    with pytest.raises(MemoryLimitError, match=r"memory_bytes = 1,000,000 is full after \d\d,\d{3} events"):
        simulate(queue(horizon_s=1e12), seed=1, memory_bytes=1_000_000)


def test_a_run_without_a_journal_says_how_to_keep_it(queue: Callable[..., Any]) -> None:
    run = simulate(queue(), seed=1, journal=False)
    assert run.kpis == simulate(queue(), seed=1).kpis
    with pytest.raises(NoJournalError, match="journal=True"):
        _ = run.journal


def test_the_memory_that_is_left_is_a_share_of_the_machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    machine = memory.available_bytes()
    assert 0 < machine < 2**50
    (tmp_path / "memory.current").write_text("3000000\n")
    (tmp_path / "memory.max").write_text("13000000\n")
    assert memory.available_bytes() == 8_000_000  # of a container that may take 13 MB and has taken 3
    (tmp_path / "memory.max").write_text("2000000\n")
    assert memory.available_bytes() == 0
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available_bytes() > 8_000_000
