"""Levers that set a number or choose from a list, as the garden lab has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import pytest
from pydantic import ValidationError

from labs import Catalog, DecisionError
from labs.decision import Lever
from labs.display import describe
from labs.form import DecisionForm
from simulators.heritage_garden import HeritageGarden

if TYPE_CHECKING:
    from labs.lab import Lab


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Catalog().lab("garden-tickets")


def planned(lab: Lab, decision: dict[str, int]) -> HeritageGarden:
    scenario = lab.scenario_for(decision)
    assert isinstance(scenario, HeritageGarden)
    return scenario


def test_no_units_leave_a_number_and_units_set_it(lab: Lab) -> None:
    assert planned(lab, {}).controls.cap == 30_000
    assert planned(lab, {"cap": 14}).controls.cap == 2_800
    slots = {slot.name: slot.visitors for slot in planned(lab, {"tickets_noon": 12}).controls.slots}
    assert slots["noon"] == 2_400
    assert slots["late"] == 30_000


@pytest.mark.parametrize(("chosen", "direction"), [(0, "both"), (1, "forward"), (2, "backward")])
def test_a_choice_stands_in_the_scenario(lab: Lab, chosen: int, direction: str) -> None:
    directions = planned(lab, {"one_way_xiaofeihong": chosen}).controls.directions
    assert {one.name: one.direction for one in directions}["xiaofeihong"] == direction


def test_any_choice_costs_the_same(lab: Lab) -> None:
    assert lab.cost({"one_way_xiaofeihong": 1}) == lab.cost({"one_way_xiaofeihong": 2}) == 2
    assert lab.cost({"live_advice": 2}) == 3


def test_a_choice_that_is_not_offered_is_refused(lab: Lab) -> None:
    with pytest.raises(DecisionError, match=r"one_way_xiaofeihong.*= 3"):
        lab.check({"one_way_xiaofeihong": 3})


def test_the_form_offers_choices_by_name(lab: Lab) -> None:
    form = DecisionForm(lab, "en", attempt=lambda _: [], submit=lambda _: [])
    lists = [child for child in form.widget.children if isinstance(child, ipywidgets.Dropdown)]
    assert len(lists) == 4
    assert [name for name, _ in lists[0].options] == [
        "As it is",
        "from the centre to the west",
        "from the west to the centre",
    ]
    lists[0].value = 2
    assert form.decision()["one_way_bend_to_moon_gate"] == 2


def test_the_description_tells_the_choices(lab: Lab) -> None:
    text = describe(lab, "zh").text
    assert "1: 由中园往西园 2: 由西园往中园" in text
    assert "= n × 200" in text


@pytest.mark.parametrize(("operation", "maximum", "choices"), [("choose", 2, 1), ("choose", 1, 0), ("set", 1, 1)])
def test_as_many_choices_as_the_maximum_and_only_where_there_are_any(
    operation: str, maximum: int, choices: int
) -> None:
    text = {"zh": "选", "en": "choice"}
    data = {
        "name": "route",
        "label": text,
        "target": "controls.cap",
        "operation": operation,
        "maximum": maximum,
        "cost": 1,
        "choices": [{"label": text, "value": 1}] * choices,
    }
    with pytest.raises(ValidationError, match=f"choices must be {maximum if operation == 'choose' else 0}"):
        Lever.model_validate(data)
