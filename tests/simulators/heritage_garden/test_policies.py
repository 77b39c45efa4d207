"""A student's Python functions decide at six points of a day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulators import PolicyError, simulate
from simulators.heritage_garden import Event, example
from simulators.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Run
    from simulators.heritage_garden.views import GardenView, PartyView, Request, SlotView


def run(**policies: Callable[..., object]) -> Run:
    assert Policy  # what wraps them
    return simulate(example(), seed=2, policies=policies)


PLAN = simulate(example(), seed=2)


def count(found: Run, event: Event, place: str | None = None) -> int:
    journal = found.journal
    rows = journal.event == event
    if place is not None:
        rows &= journal.place == journal.places.index(place)
    return int(rows.sum())


def test_a_policy_that_does_as_the_plan_says_changes_nothing() -> None:
    def admit(party: PartyView, garden: GardenView) -> bool:
        return garden.inside + party.visitors <= 150

    found = run(admit=admit, dispatch=lambda parties, garden: 0)
    assert found.journal == PLAN.journal


def test_admit_keeps_the_garden_emptier() -> None:
    def admit(party: PartyView, garden: GardenView) -> bool:
        return garden.inside + party.visitors <= 40

    assert run(admit=admit).kpis["inside_peak"].value <= 40 < PLAN.kpis["inside_peak"].value


def test_book_chooses_the_slot() -> None:
    def book(request: Request, slots: tuple[SlotView, ...]) -> int | None:
        late = slots[1]
        return 1 if late.left >= request.visitors else None

    journal = run(book=book).journal
    refused = set(journal.entity[journal.event == Event.REFUSE].tolist())
    arrived = journal.event == Event.ARRIVE
    served = ~np.isin(journal.entity[arrived], list(refused))
    assert journal.time_s[arrived][served].min() >= 34_200
    assert refused


def test_close_shuts_and_opens_places() -> None:
    def close(garden: GardenView) -> list[str]:
        return ["lotus"] if garden.time_s < 36_000 else []

    found = run(close=close)
    journal = found.journal
    lotus = journal.place == journal.places.index("lotus")
    visits = journal.time_s[lotus & (journal.event == Event.VISIT)]
    assert visits.min() >= 36_000
    assert count(found, Event.OPEN, "lotus") == 1


def test_direct_turns_a_path_into_one_way() -> None:
    found = run(direct=lambda garden: {"zigzag": "backward"})
    assert count(found, Event.WALK, "zigzag") == 0
    assert count(PLAN, Event.WALK, "zigzag") > 0


def test_dispatch_may_hold_guides_back() -> None:
    found = run(dispatch=lambda parties, garden: None)
    groups = count(found, Event.MEET)
    assert groups > 0
    assert run(dispatch=lambda parties, garden: len(parties) - 1).kpis["visitors"].value > 0


def test_advise_turns_followers_away() -> None:
    found = run(advise=lambda garden: ["hall"])
    assert found.kpis["scene.hall.visits"].value < PLAN.kpis["scene.hall.visits"].value


@pytest.mark.parametrize(
    ("point", "policy", "words"),
    [
        ("admit", lambda party, garden: 1, "answered 1; it must be True or False"),
        ("book", lambda request, slots: 7, "answered 7; it must be None or an index from 0 to 1"),
        ("close", lambda garden: "lotus", "answered 'lotus'; it must be a list of names from: south, east"),
        ("close", lambda garden: ["tea_house"], r"answered \['tea_house'\]"),
        ("direct", lambda garden: {"zigzag": "up"}, "answered .*it must be a dict of path: direction"),
        ("direct", lambda garden: ["zigzag"], "it must be a dict of path"),
        ("advise", lambda garden: ["zigzag"], "it must be a list of names from: hall, rocks"),
        ("dispatch", lambda parties, garden: 9, "answered 9"),
    ],
)
def test_answers_that_cannot_be_carried_out_are_refused(point: str, policy: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        run(**{point: policy})


def test_a_slot_without_enough_tickets_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"it must be None or a slot with \d+ tickets left"):
        run(book=lambda request, slots: 0)


def test_what_policies_see_is_read_only_and_true() -> None:
    seen: Counter[str] = Counter()

    def advise(garden: GardenView) -> list[str]:
        with pytest.raises(AttributeError):
            garden.inside = 0  # type: ignore[misc]
        in_places = sum(scene.visitors for scene in garden.scenes) + sum(p.forward + p.backward for p in garden.paths)
        assert in_places <= garden.inside
        assert garden.capacity == example().garden.instantaneous_capacity
        seen["asked"] += 1
        seen["inside"] += garden.inside
        return []

    run(advise=advise)
    assert seen["asked"] == (45_000 - 28_800 - 1) // 300 + 1
    assert seen["inside"] > 0
