from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import Catalog, DecisionError
from simulators.production_line import ProductionLine

LAB = Catalog().lab("pcb-bottleneck")


def errors(decision: object) -> list[tuple[str, str, str]]:
    with pytest.raises(DecisionError) as caught:
        LAB.check(decision)
    return [(error.field, error.value, error.bound) for error in caught.value.errors]


def test_a_decision_is_completed_in_the_labs_order() -> None:
    checked = LAB.check({"second_ict": 1})
    assert list(checked) == [lever.name for lever in LAB.levers]
    assert sum(checked.values()) == 1


def test_levers_change_the_scenario_and_leave_the_lab_alone() -> None:
    changed = LAB.scenario_for({"second_ict": 1, "buffer_ict": 3, "maintenance_placement": 2})
    assert isinstance(changed, ProductionLine)
    ict, placement = changed.stations[5], changed.stations[1]
    assert (ict.machines, ict.buffer_places) == (2, 5)
    assert placement.failures is not None
    assert placement.failures.repair_time.mean_s == pytest.approx(330 * 0.7**2)
    assert LAB.scenario_for({}) == LAB.scenario


@pytest.mark.parametrize("value", [-1, 13, 1.5, 1.0, "3", None, True, [1], float("nan"), 10**30])
def test_a_value_outside_its_bounds_is_named(value: object) -> None:
    (found,) = errors({"buffer_ict": value})
    assert found[0] == "buffer_ict"
    assert found[2] == "0 … 12"


def test_every_wrong_field_is_named() -> None:
    found = errors({"buffer_ict": 99, "second_ict": 2, "bribe": 1})
    assert [field for field, _, _ in found] == ["buffer_ict", "second_ict", "bribe"]


def test_the_budget_holds() -> None:
    assert errors({"second_placement": 1, "second_ict": 1}) == [("decision", "82", "≤ 60")]


@pytest.mark.parametrize("decision", [None, [], "all of it", 7, [("buffer_ict", 1)]])
def test_what_is_not_a_mapping_is_refused(decision: object) -> None:
    assert errors(decision)[0][0] == "decision"


def test_messages_are_in_both_languages_and_short() -> None:
    with pytest.raises(DecisionError) as caught:
        LAB.check({"x" * 10_000: "y" * 10_000})
    message = caught.value.errors[0].message
    assert "没有名为" in message.zh
    assert "There is no lever" in message.en
    assert len(message.en) < 500


@given(st.dictionaries(st.sampled_from([lever.name for lever in LAB.levers]), st.integers(-2, 14)))
def test_an_accepted_decision_is_within_every_bound(decision: dict[str, Any]) -> None:
    try:
        checked = LAB.check(decision)
    except DecisionError:
        outside = any(not 0 <= decision.get(lever.name, 0) <= lever.maximum for lever in LAB.levers)
        assert outside or LAB.cost(decision) > LAB.budget.limit
    else:
        assert LAB.cost(checked) <= LAB.budget.limit
        LAB.scenario_for(checked)
