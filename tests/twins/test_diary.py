"""Whatever happens has words."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from simulators import KINDS, Run
from twins.diary import EVENT_WORDS, diary


@pytest.mark.parametrize("kind", sorted(EVENT_WORDS))
def test_every_event_has_a_word(kind: str) -> None:
    events = importlib.import_module(f"simulators.{kind}.events").Event
    assert [int(event) for event in events] == list(range(len(EVENT_WORDS[kind])))


def test_every_kind_of_plant_has_words() -> None:
    assert set(EVENT_WORDS) == set(KINDS)


def test_what_happened_last_at_each_place_is_told_however_long_ago(pcb_run: Run) -> None:
    journal = pcb_run.journal
    told = diary("production_line", journal, 5000.0, 5060.0, latest=3)
    until = int(np.searchsorted(journal.time_s, 5060.0))
    assert np.unique(told.place).tolist() == np.unique(journal.place[:until][journal.place[:until] >= 0]).tolist()
    assert told.time_s.min() < 0
    assert (np.diff(told.time_s) >= 0).all()
    for place in np.unique(told.place):
        rows = np.flatnonzero(journal.place[:until] == place)[-3:]
        mine = told.place == place
        assert (told.time_s[mine] + 5000.0).tolist() == journal.time_s[rows].tolist()
        assert told.entity[mine].tolist() == journal.entity[rows].tolist()
        assert told.event[mine].tolist() == journal.event[rows].tolist()
