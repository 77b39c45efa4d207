"""Whatever can be simulated can be shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_lines import any_line, outcome

import twins
from simulators import Run
from simulators.production_line import Event, LineMeter
from twins.line import line_scene
from twins.tables import legend, station_table

if TYPE_CHECKING:
    from simulators.production_line import ProductionLine

ENDS = (Event.EXIT, Event.SCRAP)


@settings(max_examples=60, deadline=None)
@given(st.one_of(any_line(clockwork=False), any_line(clockwork=True)), st.integers(0, 99))
def test_any_line_is_shown_with_all_its_parts_and_within_its_frame(scenario: ProductionLine, seed: int) -> None:
    journal, _ = outcome(scenario, seed=seed, engine="simpy")
    start_s, end_s = 0.3 * scenario.horizon_s, 0.8 * scenario.horizon_s
    scene = line_scene(scenario, journal, start_s, end_s)
    low, high = np.array(scene.bounds_m)
    for movers in scene.movers:
        for end in (movers.from_m, movers.to_m):
            assert (end >= low).all(), movers.name
            assert (end <= high).all(), movers.name
        assert np.isfinite(movers.cross_m).all()
        assert (movers.appear_s <= movers.arrive_s).all()
        assert (movers.arrive_s <= movers.vanish_s).all()
    parts = [movers for movers in scene.movers if movers.name.split()[0] == "parts"]

    def count(event: Event, until_s: float) -> int:
        return int(((journal.event == event) & (journal.time_s <= until_s)).sum())

    for time_s in np.linspace(start_s, end_s, 7)[1:-1] + 1e-4:
        inside = count(Event.RELEASE, time_s) - sum(count(event, time_s) for event in (*ENDS, Event.ASSEMBLE))
        just_out = sum(count(event, time_s) - count(event, time_s - 8.0) for event in ENDS)
        assert sum(one.shown_at(time_s - start_s).sum() for one in parts) == inside + just_out


@settings(max_examples=25, deadline=None)
@given(st.one_of(any_line(clockwork=False), any_line(clockwork=True)))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_any_line_has_tables_and_charts(language: str, scenario: ProductionLine) -> None:
    journal, _ = outcome(scenario, seed=0, engine="simpy")
    meter = LineMeter(scenario)
    meter.add(journal)
    run = Run(scenario, 0, 0, meter.kpis(), journal)
    table = station_table(scenario, run, language) + legend(scenario, language)
    for picture in (twins.gantt(run, language=language), twins.bottlenecks(run, language=language)):
        assert not re.search(r"\bnan\b", picture.svg)
        assert all(station.name in picture.svg and station.name in table for station in scenario.stations)
