"""The rules of a day, one by one, in a garden that is a corridor with a hall at its end."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from simulators import Journal, simulate
from simulators.heritage_garden import Event
from simulators.heritage_garden.walking import speed_m_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.heritage_garden import HeritageGarden

    Make = Callable[..., HeritageGarden]

PACE = speed_m_s(1 / 80) / 1.34  # one person on 40 m × 2 m


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def rows(scenario: HeritageGarden) -> list[tuple[float, str, int, str]]:
    return told(simulate(scenario, seed=0).journal)


def told(journal: Journal) -> list[tuple[float, str, int, str]]:
    return [
        (round(time_s, 3), Event(event).name, entity, journal.places[place] if place >= 0 else "")
        for time_s, event, entity, place in zip(
            journal.time_s.tolist(),
            journal.event.tolist(),
            journal.entity.tolist(),
            journal.place.tolist(),
            strict=True,
        )
        if event not in (Event.OPEN, Event.CLOSE)
    ]


def times(scenario: HeritageGarden, event: str) -> list[float]:
    return [time_s for time_s, name, *_ in rows(scenario) if name == event]


def test_a_visit_from_gate_to_gate(corridor: Make) -> None:
    walk_s = 40 / PACE
    there = 260 + walk_s
    assert rows(corridor()) == [
        (250, "ARRIVE", 0, "segment.guests"),
        (250, "QUEUE", 0, "gate"),
        (250, "CHECK", 0, "gate"),
        (260, "ENTER", 0, "gate"),
        (260, "WALK", 0, "way"),
        (round(there, 3), "VISIT", 0, "hall"),
        (round(there + 300, 3), "WALK_BACK", 0, "way"),
        (round(there + 300 + walk_s, 3), "EXIT", 0, "gate"),
    ]


def test_who_comes_early_waits_for_the_gates_to_open(corridor: Make) -> None:
    scenario = corridor({"visitors.0.arrivals.0": {"from_s": 20, "to_s": 60, "visitors": 2}})
    assert times(scenario, "CHECK") == [100, 110]
    assert simulate(scenario, seed=0).kpis["gate_wait_mean_s"].value == pytest.approx(((100 - 30) + (110 - 50)) / 2)


def test_a_party_is_checked_one_by_one_or_at_once(corridor: Make) -> None:
    party = {"visitors.0.arrivals.0.visitors": 20, "visitors.0.smallest_party": 20}
    assert times(corridor(party), "ENTER") == [250 + 20 * 10]
    assert times(corridor({**party, "visitors.0.one_check": True}), "ENTER") == [260]


def test_impatient_parties_give_up_and_let_others_pass(corridor: Make) -> None:
    scenario = corridor(
        {
            "garden.gates.0.check": fixed(100),
            "visitors.0.arrivals.0": {"from_s": 200, "to_s": 203, "visitors": 3},
            "visitors.0.patience": fixed(150),
        }
    )
    assert times(scenario, "CHECK") == [200.5, 300.5]
    assert times(scenario, "GIVE_UP") == [352.5]
    assert simulate(scenario, seed=0).kpis["visitors_gave_up"].value == 1


def test_nobody_enters_after_the_last_entry(corridor: Make) -> None:
    scenario = corridor({"last_entry_s": 230, "visitors.0.arrivals.0": {"from_s": 200, "to_s": 260, "visitors": 6}})
    # At 230 one is being checked, one waits; the three who come later find the gate shut.
    assert times(scenario, "CHECK") == [205, 215, 225]
    assert times(scenario, "GIVE_UP") == [235, 245, 255]


def test_from_closing_time_on_everybody_leaves(corridor: Make) -> None:
    names = [name for _, name, *_ in rows(corridor({"last_entry_s": 252, "closes_s": 255}))]
    assert names == ["ARRIVE", "QUEUE", "CHECK", "ENTER", "EXIT"]


def test_the_cap_holds_visitors_back_until_others_leave(corridor: Make) -> None:
    scenario = corridor({"controls.cap": 1, "visitors.0.arrivals.0": {"from_s": 200, "to_s": 210, "visitors": 2}})
    first_exit, _ = times(scenario, "EXIT")
    assert times(scenario, "CHECK")[1] == first_exit


def test_a_full_scene_turns_parties_away(corridor: Make) -> None:
    scenario = corridor(
        {"garden.scenes.0.limit": 1, "visitors.0.arrivals.0": {"from_s": 200, "to_s": 220, "visitors": 2}}
    )
    assert [row[1:] for row in rows(scenario) if row[1] == "FULL"] == [("FULL", 1, "hall")]


def test_the_mouth_of_a_narrow_path_lets_one_on_after_the_other(corridor: Make) -> None:
    scenario = corridor(
        {
            "garden.gates.0.counters": 5,
            "garden.gates.0.check": fixed(0),
            "garden.paths.0.narrowest_m": 0.5,
            "visitors.0.arrivals.0": {"from_s": 200, "to_s": 200.001, "visitors": 4},
        }
    )
    steps = times(scenario, "WALK")
    gaps = [after - before for before, after in pairwise(steps)]
    assert gaps == pytest.approx([1 / (1.22 * 0.5)] * 3, abs=2e-3)
    assert len(times(scenario, "WAIT")) == 3


def test_a_second_walker_slows_the_first_while_both_walk(corridor: Make) -> None:
    dense = {"garden.paths.0.width_m": 0.1, "garden.gates.0.check": fixed(0)}
    alone = corridor(dense)
    both = corridor({**dense, "visitors.0.arrivals.0": {"from_s": 248, "to_s": 252, "visitors": 2}})
    walk_s = times(alone, "VISIT")[0] - times(alone, "WALK")[0]
    first, second = times(both, "WALK")
    # One on 4 m² walks at v(0.25), two at v(0.5): until the second steps on the first is at full speed.
    one, two = speed_m_s(0.25) / 1.34, speed_m_s(0.5) / 1.34
    arrival = second + (40 - (second - first) * one) / two
    assert times(both, "VISIT")[0] == pytest.approx(arrival, abs=1e-3)
    assert times(both, "VISIT")[0] - first > walk_s


def test_stairs_and_slopes_are_slower_up_than_down(corridor: Make) -> None:
    for kind in ("stairs", "path"):
        journal = rows(corridor({"garden.paths.0.kind": kind, "garden.paths.0.rise_m": 4}))
        at = {name: time_s for time_s, name, *_ in journal}
        up, down = at["VISIT"] - at["WALK"], at["EXIT"] - at["WALK_BACK"]
        assert up > down
        assert up > 40 / PACE


def test_wheelchairs_avoid_stairs(corridor: Make) -> None:
    scenario = corridor({"garden.paths.0.kind": "stairs", "visitors.0.step_free_share": 1})
    names = [name for _, name, *_ in rows(scenario)]
    assert "VISIT" not in names
    assert "WALK" not in names
    assert names[-1] == "EXIT"


def test_closed_scenes_are_not_visited_and_closed_in_people_get_out(corridor: Make) -> None:
    shut = corridor({"controls.closures": [{"place": "hall", "from_s": 0, "to_s": 9_000}]})
    assert times(shut, "VISIT") == []
    cut_off = corridor({"controls.closures": [{"place": "way", "from_s": 400, "to_s": 9_000}]})
    assert times(cut_off, "EXIT")  # the way out is always open


def test_one_way_paths_are_walked_in_their_direction_only(corridor: Make) -> None:
    against = corridor({"controls.directions": [{"name": "way", "direction": "backward"}]})
    assert times(against, "VISIT") == []


def test_rain_closes_what_it_makes_slippery(corridor: Make) -> None:
    scenario = corridor({"garden.scenes.0.closes_in_rain": True, "weather.rain": [{"from_s": 150, "to_s": 400}]})
    journal = simulate(scenario, seed=0).journal
    names = [Event(event).name for event in journal.event.tolist()]
    assert names.index("RAIN") < names.index("DRY")
    assert "VISIT" not in names


def test_groups_wait_for_a_guide_and_follow_the_tour(corridor: Make) -> None:
    scenario = corridor(
        {
            "controls.guides": 1,
            "visitors.0.tour": ["hall"],
            "visitors.0.arrivals.0": {"from_s": 200, "to_s": 210, "visitors": 2},
            "visitors.0.stay": fixed(5_000),
        }
    )
    first_exit, second_exit = times(scenario, "EXIT")
    assert len(times(scenario, "MEET")) == 1
    assert times(scenario, "WALK")[1] == first_exit
    assert second_exit > first_exit


def test_the_alarm_breaks_visits_off(corridor: Make) -> None:
    scenario = corridor(
        {"alarm_s": 400, "visitors.0.arrivals": [{"from_s": 200, "to_s": 260, "visitors": 2},
                                               {"from_s": 395, "to_s": 405, "visitors": 2}]}
    )  # fmt: skip
    found = rows(scenario)
    assert (400, "ALARM", -1, "") in found
    assert [row for row in found if row[0] > 400 and row[1] in ("VISIT", "ENTER", "CHECK")] == []
    kpis = simulate(scenario, seed=0).kpis
    assert kpis["inside_at_end"].value == 0
    assert kpis["evacuation_time_s"].value == pytest.approx(40 / PACE, rel=0.05)
    assert kpis["visitors_gave_up"].value == 2


def test_timed_tickets_shift_parties_and_turn_them_away(corridor: Make) -> None:
    scenario = corridor(
        {
            "visitors.0.arrivals.0": {"from_s": 200, "to_s": 300, "visitors": 10},
            "visitors.0.flexibility_s": 500,
            "controls.slots": [
                {"name": "a", "from_s": 200, "to_s": 300, "visitors": 4},
                {"name": "b", "from_s": 700, "to_s": 800, "visitors": 3},
                {"name": "c", "from_s": 2_000, "to_s": 2_100, "visitors": 30},
            ],
        }
    )
    arrivals = times(scenario, "ARRIVE")
    refused = times(scenario, "REFUSE")
    served = sorted(arrivals)
    for one in refused:
        served.remove(one)
    assert len([time_s for time_s in served if 200 <= time_s < 300]) == 4
    assert len([time_s for time_s in served if 700 <= time_s < 800]) == 3
    assert len(refused) == 3  # the third slot is too far off for them


def test_live_advice_keeps_followers_out_of_crowded_scenes(corridor: Make) -> None:
    crowd = {
        "garden.scenes.0.usable_area_m2": 3.5,
        "visitors.0.arrivals.0": {"from_s": 200, "to_s": 1_000, "visitors": 60},
        "visitors.0.pattern": "poisson",
        "taste.leaving": 2,
        "taste.crowding": 0,
        "visitors.0.stay": fixed(100),
    }
    without = simulate(corridor(crowd), seed=1).kpis["scene.hall.over_capacity_h"].value
    advised = corridor({**crowd, "controls.advice": {"share": 1.0, "factor": 0.0}})
    assert simulate(advised, seed=1).kpis["scene.hall.over_capacity_h"].value < without
