"""Stays, time series and heat, counted another way than the KPIs, agree with them."""

from __future__ import annotations

import numpy as np
import pytest

from simulators import simulate
from simulators.heritage_garden import Places, example, heat_h_m2, time_series

RUN = simulate(example(), seed=4)
SCENARIO = example()
PLACES = Places(SCENARIO)


def test_heat_agrees_with_the_kpis() -> None:
    heat = heat_h_m2(RUN.journal, SCENARIO)
    for place, scene in enumerate(SCENARIO.garden.scenes, PLACES.scenes_from):
        assert heat[place] * scene.usable_area_m2 == pytest.approx(RUN.kpis[f"scene.{scene.name}.person_h"].value)
    for place, path in enumerate(SCENARIO.garden.paths, PLACES.paths_from):
        area_m2 = path.length_m * path.width_m
        assert heat[place] * area_m2 == pytest.approx(RUN.kpis[f"path.{path.name}.person_h"].value)


def test_time_series_agrees_with_the_kpis() -> None:
    series = time_series(RUN.journal, SCENARIO, step_s=5.0)
    assert series.inside.max() <= RUN.kpis["inside_peak"].value
    assert series.inside.max() >= 0.9 * RUN.kpis["inside_peak"].value
    open_ = (series.time_s >= SCENARIO.opens_s) & (series.time_s < SCENARIO.closes_s)
    assert series.inside[open_].mean() == pytest.approx(RUN.kpis["inside_mean"].value, rel=0.01)
    assert series.inside[-1] == RUN.kpis["inside_at_end"].value
    assert (series.visitors >= 0).all()
    assert (series.visitors[:, PLACES.scenes_from :].sum(axis=1) <= series.inside).all()


def test_visitor_hours_by_level_of_service_add_up() -> None:
    hours = sum(RUN.kpis[f"service_level_{letter}_person_h"].value for letter in "abcdef")
    parts = [kpi.value for name, kpi in RUN.kpis.items() if name.startswith(("scene.", "path."))
             and name.endswith(".person_h")]  # fmt: skip
    assert hours == pytest.approx(np.sum(parts))


def test_kpis_count_from_the_warm_up_on() -> None:
    late = SCENARIO.model_copy(update={"warm_up_s": 38_000.0})
    some = simulate(late, seed=4).kpis
    assert 0 < some["visitors"].value < RUN.kpis["visitors"].value
    assert 0 < some["scene.hall.person_h"].value < RUN.kpis["scene.hall.person_h"].value
    assert some["revenue_cny"].value < RUN.kpis["revenue_cny"].value
