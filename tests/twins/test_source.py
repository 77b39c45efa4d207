"""Where a twin's events come from can be replaced: here by what a recorder has taken down elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulators import CommandError, Journal, simulate
from simulators.production_line import example
from tests.simulators import queue_kind
from twins.errors import NoTwinError
from twins.rows import digest_of
from twins.source import SimulatedPlant
from twins.twin import Twin

if TYPE_CHECKING:
    from simulators import Command, Scenario
    from twins.source import Source


class Recording:
    """A plant that somebody has taken down: it goes on as it did, and nobody can command it."""

    def __init__(self, journal: Journal) -> None:
        self._whole = journal
        self.time_s = 0.0

    @property
    def rows(self) -> int:
        return int(np.searchsorted(self._whole.time_s, self.time_s))

    @property
    def digest(self) -> str:
        return digest_of(self.journal())

    def advance(self, to_s: float) -> None:
        self.time_s = to_s

    def apply(self, command: Command, number: int) -> None:
        del number
        raise command.refused(field="command", because="this plant has been", fault="state")

    def journal(self, first: int = 0) -> Journal:
        whole, end = self._whole, self.rows
        columns = (whole.time_s, whole.event, whole.entity, whole.place)
        return Journal(*(column[first:end] for column in columns), whole.places)  # type: ignore[arg-type]

    def snapshot(self) -> dict[str, Any]:
        return {}


def test_a_twin_follows_a_plant_that_is_not_simulated() -> None:
    run = simulate(example(), seed=3)

    def recorded(*_: object) -> Source:
        return Recording(run.journal)

    twin = Twin(example(), 3, source=recorded)
    twin.advance(700)
    twin.advance(2400)
    assert twin.journal() == run.journal
    twin.rewind(700)
    fork = twin.fork()
    assert (fork.time_s, fork.rows) == (700, twin.rows)
    with pytest.raises(CommandError, match="command = 'stop_release': this plant has been"):
        twin.apply({"command": "stop_release"}, who="teacher")


def test_all_of_the_journal_is_the_same_however_it_is_asked_for() -> None:
    plant = SimulatedPlant(example(), 1)
    pieces = []
    for to_s in range(0, 2400, 60):
        first = plant.rows
        plant.advance(to_s)
        pieces.append(plant.journal(first))
        if to_s == 1200:
            assert len(plant.journal()) == plant.rows
    whole = plant.journal()
    for first in (0, 1, 17, plant.rows - 1, plant.rows):
        assert plant.journal(first).time_s.tobytes() == whole.time_s[first:].tobytes()
    assert sum(map(len, pieces)) + len(SimulatedPlant(example(), 1).journal()) == len(whole)


def test_a_kind_that_runs_only_as_a_whole_has_no_twin() -> None:
    queue: Scenario = queue_kind.queue()
    from simulators import KINDS

    known = KINDS.get("queue")
    KINDS["queue"] = queue_kind.SIMULATOR
    try:
        with pytest.raises(NoTwinError, match="kind = 'queue' has no plant that can be moved on step by step"):
            Twin(queue, 1)
    finally:
        if known is None:
            del KINDS["queue"]
