"""Whatever happens has words."""

from __future__ import annotations

import importlib

import pytest

from simulators import KINDS
from twins.diary import EVENT_WORDS


@pytest.mark.parametrize("kind", sorted(EVENT_WORDS))
def test_every_event_has_a_word(kind: str) -> None:
    events = importlib.import_module(f"simulators.{kind}.events").Event
    assert [int(event) for event in events] == list(range(len(EVENT_WORDS[kind])))


def test_every_kind_of_plant_has_words() -> None:
    assert set(EVENT_WORDS) == set(KINDS)
