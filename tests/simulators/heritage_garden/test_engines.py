"""Both engines give the same journal, in gardens made up by Hypothesis and when everything happens at once."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import simulate
from simulators.heritage_garden import Event, HeritageGarden

TEXT = {"zh": "园", "en": "garden"}
OPENS_S, CLOSES_S = 100.0, 900.0


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def at(number: int, count: int) -> tuple[float, float]:
    """Return a place on a circle, with room for a scene."""
    angle = 2 * math.pi * number / count
    return (200 + 25 * count * math.cos(angle) / 4, 200 + 25 * count * math.sin(angle) / 4)


@st.composite
def scenarios(draw: st.DrawFn, durations: st.SearchStrategy[dict[str, Any]], clockwork: bool) -> HeritageGarden:
    gates, scenes, junctions = draw(st.integers(1, 2)), draw(st.integers(1, 5)), draw(st.integers(0, 2))
    names = [f"g{n}" for n in range(gates)] + [f"s{n}" for n in range(scenes)] + [f"j{n}" for n in range(junctions)]
    spots = {name: at(number, len(names)) for number, name in enumerate(names)}
    tree = [(names[draw(st.integers(0, number - 1))], names[number]) for number in range(1, len(names))]
    more = draw(st.lists(st.sampled_from([(a, b) for a in names for b in names if a < b]), max_size=3))
    ways = [*tree, *more]
    wheels = 0.0 if clockwork else 0.3
    segments = [
        {
            "name": f"v{number}",
            "arrivals": [
                {"from_s": 0, "to_s": 400, "visitors": draw(st.integers(0, 60))},
                {"from_s": 400, "to_s": 800, "visitors": draw(st.integers(1, 60))},
            ],
            "pattern": "regular" if clockwork else draw(st.sampled_from(["poisson", "regular"])),
            "smallest_party": draw(st.integers(1, 3)),
            "party_sizes": draw(st.sampled_from([[1.0], [1.0, 2.0, 1.0]])),
            "one_check": draw(st.booleans()),
            "stay": fixed(draw(st.sampled_from([0, 60, 400]))) if clockwork else draw(durations),
            "patience": draw(st.none() | durations),
            "free_speed_m_s": 1.0 if clockwork else 1.34,
            "free_speed_sd_m_s": 0.0 if clockwork else 0.26,
            "step_free_share": wheels,
            "tour": draw(st.lists(st.sampled_from([f"s{n}" for n in range(scenes)]), max_size=4)),
            "flexibility_s": 300,
        }
        for number in range(draw(st.integers(1, 2)))
    ]
    places = [*names[: gates + scenes], *(f"p{n}" for n in range(len(ways)))]
    span = st.tuples(st.integers(0, 10), st.integers(1, 8)).map(
        lambda p: {"from_s": 50.0 * p[0], "to_s": 50.0 * sum(p)}
    )
    closures = st.builds(lambda place, when: {"place": place, **when}, st.sampled_from(places), span)
    return HeritageGarden.model_validate(
        {
            "kind": "heritage_garden",
            "horizon_s": 1_000,
            "opens_s": OPENS_S,
            "last_entry_s": 800,
            "closes_s": CLOSES_S,
            "garden": {
                "name": "made_up",
                "title": TEXT,
                "area_m2": 1e6,
                "outline_m": [(0, 0), (400, 0), (400, 400), (0, 400)],
                "gates": [
                    {"name": f"g{n}", "label": TEXT, "at_m": spots[f"g{n}"], "counters": draw(st.integers(1, 2)),
                     "check": draw(durations)}
                    for n in range(gates)
                ],
                "junctions": [{"name": f"j{n}", "at_m": spots[f"j{n}"]} for n in range(junctions)],
                "scenes": [
                    {
                        "name": f"s{n}", "label": TEXT, "kind": "pavilion", "usable_area_m2": draw(st.integers(3, 9)),
                        "polygon_m": [(x - 1.5, y - 1.5), (x + 1.5, y - 1.5), (x + 1.5, y + 1.5), (x - 1.5, y + 1.5)],
                        "attractiveness": draw(st.integers(0, 3)), "dwell": draw(durations),
                        "limit": draw(st.none() | st.integers(1, 6)), "closes_in_rain": draw(st.booleans()),
                        "opens_s": draw(st.none() | st.just(200.0)), "closes_s": draw(st.none() | st.just(500.0)),
                        "sheltered": draw(st.booleans()),
                    }
                    for n in range(scenes)
                    for x, y in [spots[f"s{n}"]]
                ],
                "paths": [
                    {
                        "name": f"p{n}", "start": a, "end": b, "line_m": [spots[a], spots[b]],
                        "width_m": draw(st.sampled_from([0.05, 0.5, 2.0])), "rise_m": draw(st.sampled_from([0, 0, 2])),
                        "kind": draw(st.sampled_from(["path", "stairs"])), "closes_in_rain": draw(st.booleans()),
                    }
                    for n, (a, b) in enumerate(ways)
                ],
            },
            "visitors": segments,
            "taste": {"leaving": draw(st.sampled_from([-3.0, 0.0, 2.0]))},
            "weather": {"rain": draw(st.lists(span, max_size=2))},
            "controls": {
                "cap": draw(st.none() | st.integers(5, 20)),
                "slots": draw(
                    st.just([])
                    | st.just(
                        [
                            {"name": "a", "from_s": 100, "to_s": 400, "visitors": 30},
                            {"name": "b", "from_s": 400, "to_s": 700, "visitors": 20},
                        ]
                    )
                ),
                "directions": draw(
                    st.lists(
                        st.builds(
                            lambda n, way: {"name": f"p{n}", "direction": way},
                            st.integers(0, len(ways) - 1), st.sampled_from(["both", "forward", "backward"]),
                        ),
                        max_size=2, unique_by=lambda one: one["name"],
                    )
                ),
                "closures": draw(st.lists(closures, max_size=2)),
                "guides": draw(st.none() | st.integers(1, 2)),
                "advice": draw(st.none() | st.just({"share": 0.5})),
            },
            "alarm_s": draw(st.none() | st.sampled_from([300.0, 600.0])),
        }
    )  # fmt: skip


any_durations = st.one_of(
    st.floats(0.5, 90).map(fixed),
    st.floats(0.5, 90).map(lambda mean: {"kind": "exponential", "mean_s": mean}),
    st.floats(0.5, 60).map(lambda low: {"kind": "uniform", "low_s": low, "high_s": 2 * low}),
)
whole_seconds = st.sampled_from([0, 0, 1, 5, 25, 50]).map(float).map(fixed)


def assert_equal(scenario: HeritageGarden, seed: int) -> None:
    compiled, simpy = (simulate(scenario, seed=seed, engine=engine) for engine in ("compiled", "simpy"))
    assert compiled.journal == simpy.journal
    figures = ({name: repr(kpi) for name, kpi in run.kpis.items()} for run in (compiled, simpy))  # NaN equals NaN
    assert next(figures) == next(figures)


@settings(max_examples=80, deadline=None)
@given(scenarios(any_durations, clockwork=False), st.integers(0, 99))
def test_both_engines_give_the_same_journal(scenario: HeritageGarden, seed: int) -> None:
    assert_equal(scenario, seed)


@settings(max_examples=80, deadline=None)
@given(scenarios(whole_seconds, clockwork=True))
def test_both_engines_agree_when_everything_happens_at_once(scenario: HeritageGarden) -> None:
    """Durations are whole seconds, many of them 0, visitors come at even distances and walk alike."""
    assert_equal(scenario, 0)


@settings(max_examples=40, deadline=None)
@given(scenarios(any_durations, clockwork=False), st.integers(0, 99))
def test_invariants_of_any_day(scenario: HeritageGarden, seed: int) -> None:
    """Visitors are conserved, pass the gate before anything else, and no place holds more than fit in."""
    journal = simulate(scenario, seed=seed).journal
    rooms = {scene.name: scene.limit or math.inf for scene in scenario.garden.scenes}
    size: dict[int, int] = {}
    leader = -1
    last: dict[int, Event] = {}
    where: dict[int, str] = {}
    present: dict[str, int] = dict.fromkeys(journal.places, 0)
    inside = 0
    for code, entity, number in zip(
        journal.event.tolist(), journal.entity.tolist(), journal.place.tolist(), strict=True
    ):
        event, place = Event(code), journal.places[number] if number >= 0 else ""
        if event == Event.ARRIVE:
            leader = entity
            size[leader] = 1
        elif event == Event.JOIN:
            assert entity == leader + size[leader]
            size[leader] += 1
            continue
        elif entity < 0:
            continue
        else:
            assert last[entity] not in (Event.EXIT, Event.GIVE_UP, Event.REFUSE)
        if event == Event.CHECK:
            assert last[entity] == Event.QUEUE
            inside += size[entity]
            assert scenario.controls.cap is None or inside <= scenario.controls.cap
        elif event == Event.ENTER:
            assert last[entity] == Event.CHECK
        elif event == Event.GIVE_UP and last[entity] == Event.CHECK:
            inside -= size[entity]  # the alarm was raised while its tickets were checked
        elif event == Event.EXIT:
            inside -= size[entity]
        if event in (Event.WALK, Event.WALK_BACK, Event.VISIT, Event.WAIT, Event.FULL, Event.EXIT):
            if entity in where:
                present[where.pop(entity)] -= size[entity]
            if event in (Event.WALK, Event.WALK_BACK, Event.VISIT):
                assert present[place] == 0 or present[place] + size[entity] <= rooms.get(place, math.inf)
                present[place] += size[entity]
                where[entity] = place
        last[entity] = event
        assert inside >= 0
        assert min(present.values()) >= 0
    gone = (Event.EXIT, Event.GIVE_UP, Event.REFUSE)
    assert sum(size.values()) == journal_count(journal, Event.ARRIVE) + journal_count(journal, Event.JOIN)
    assert inside == sum(size[one] for one, event in last.items() if event not in (*gone, Event.ARRIVE, Event.QUEUE))


def journal_count(journal: Any, event: Event) -> int:
    return int((journal.event == event).sum())
