"""What a policy is shown and asked, what its answers change, and how its faults are told."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_lines import any_line, fixed, journal_of, line, orders, outcome, times, told

from simulators import EngineLimitError, PolicyError, UnknownPolicyError, simulate
from simulators.errors import DeadlockError
from simulators.production_line import Event, ProductionLine, example
from simulators.production_line.decisions import LineState, MachineState, Request, WaitingPart
from simulators.simulation import engine_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators import Journal

TYPES: Any = [
    {"name": "slow", "route": [{"station": "s0", "service": fixed(5)}]},
    {"name": "quick", "route": [{"station": "s0", "service": fixed(2)}]},
]
QUEUE: Any = orders(("slow", 0, 90), ("quick", 0, 80), ("slow", 0, 70), ("quick", 0, 60))


def one_station(**station: Any) -> ProductionLine:
    return line({"buffer_places": None, **station}, release=QUEUE, part_types=TYPES)


def started(journal: Journal) -> list[int]:
    return [part for _, _, part, _ in told(journal, Event.START)]


# ---- a policy that does what the scenario does


def by_the_rules(scenario: ProductionLine) -> dict[str, Callable[..., object]]:
    """Return policies that decide as the scenario says."""
    rules = {station.name: station.dispatching for station in scenario.stations}
    keys = {"fifo": lambda _: 0, "spt": lambda part: part.service_s, "edd": lambda part: part.due_s}
    keys["setup"] = lambda part: part.setup_s

    def dispatch(waiting: tuple[WaitingPart, ...], machine: MachineState, _: float) -> int:
        key = keys[rules[machine.station]]
        return min(range(len(waiting)), key=lambda index: key(waiting[index]))

    return {
        "dispatch": dispatch,
        "maintain": lambda machine, _: machine.maintenance_due,
        "assign": lambda _requests, _crew, _now_s: 0,
    }


@settings(max_examples=80, deadline=None)
@given(st.one_of(any_line(clockwork=False), any_line(clockwork=True)), st.integers(0, 99))
def test_a_policy_like_the_scenario_s_own_rules_changes_nothing(scenario: ProductionLine, seed: int) -> None:
    expected, deadlock = outcome(scenario, seed=seed, engine="simpy")
    if deadlock:
        with pytest.raises(DeadlockError):
            journal_of(scenario, seed=seed, policies=by_the_rules(scenario))
    else:
        assert journal_of(scenario, seed=seed, policies=by_the_rules(scenario)) == expected


@pytest.mark.parametrize("point", ["dispatch", "maintain", "assign"])
def test_each_of_them_changes_nothing_in_the_example(point: str) -> None:
    policy = {point: by_the_rules(example())[point]}
    assert journal_of(example(), seed=4, policies=policy) == journal_of(example(), seed=4)


def test_a_release_that_lets_in_the_first_at_once_changes_nothing() -> None:
    release = {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 4}}
    scenario = line({"service": fixed(3)}, {"service": fixed(4)}, release=release, horizon_s=500)
    policy = {"release": lambda _waiting, _line, _now_s: 0}
    assert journal_of(scenario, seed=1, policies=policy) == journal_of(scenario, seed=1)


# ---- dispatch


def test_dispatch_chooses_the_next_part() -> None:
    policy = {"dispatch": lambda waiting, _machine, _now_s: len(waiting) - 1}
    assert started(journal_of(one_station(), policies=policy)) == [0, 3, 2, 1]


def test_dispatch_is_shown_parts_and_machine_whenever_one_comes_from_the_buffer() -> None:
    seen: list[tuple[tuple[WaitingPart, ...], MachineState, float]] = []

    def watch(waiting: tuple[WaitingPart, ...], machine: MachineState, now_s: float) -> int:
        seen.append((waiting, machine, now_s))
        return 0

    journal_of(one_station(setup={"time": fixed(7)}), policies={"dispatch": watch})
    (first, machine, now_s), (second, _, _), (third, _, _) = seen
    assert first[0] == WaitingPart(1, "quick", 0.0, 80.0, 2.0, 7.0, 0)
    assert [part.part for part in first] == [1, 2, 3]
    assert [part.setup_s for part in first] == [7, 0, 7]
    assert machine == MachineState("s0", 1, "slow", 5.0, 5.0, maintenance_due=False, queue=3)
    assert now_s == 5
    assert [part.part for part in second] == [2, 3]
    assert [part.part for part in third] == [3]


# ---- release


def test_release_holds_parts_back_and_chooses_among_them() -> None:
    def last_first_but_only_into_an_empty_line(waiting: Any, state: LineState, _: float) -> int | None:
        return None if state.wip else len(waiting) - 1

    journal = journal_of(one_station(), policies={"release": last_first_but_only_into_an_empty_line})
    # The first order is alone when it comes.
    assert [(time_s, part) for time_s, _, part, _ in told(journal, Event.RELEASE)] == [(0, 0), (5, 3), (7, 2), (12, 1)]
    assert times(journal, Event.QUEUE) == []


def test_release_is_shown_the_line() -> None:
    seen: list[LineState] = []

    def watch(_waiting: Any, state: LineState, _: float) -> int:
        seen.append(state)
        return 0

    journal_of(one_station(), policies={"release": watch})
    assert [state.wip for state in seen] == [0, 1, 2, 3]
    assert [state.queues["s0"] for state in seen] == [0, 0, 1, 2]


def test_release_chooses_the_type_where_there_is_material_of_all() -> None:
    turns = {"release": lambda waiting, _line, now_s: int(now_s >= 5) if len(waiting) == 2 else 0}
    journal = journal_of(line({}, part_types=TYPES, horizon_s=14), policies=turns)
    assert [place for _, _, _, place in told(journal, Event.RELEASE)] == ["type.slow"] + ["type.quick"] * 5


# ---- maintain


MAINTAINED: Any = {"service": fixed(4), "maintenance": {"every_s": 10, "duration": fixed(3)}}


def test_maintain_may_do_without() -> None:
    journal = journal_of(line(MAINTAINED), policies={"maintain": lambda _machine, _now_s: False})
    assert times(journal, Event.MAINTAIN) == []


def test_maintain_may_be_earlier_and_the_next_one_is_due_from_then() -> None:
    seen: list[MachineState] = []

    def early(machine: MachineState, now_s: float) -> bool:
        seen.append(machine)
        return now_s == 4 or machine.maintenance_due

    journal = journal_of(line(MAINTAINED, horizon_s=40), policies={"maintain": early})
    # 0-4, maintained 4-7, due at 17; 7-11, 11-15, 15-19, maintained 19-22, due at 32; 22-26, 26-30, 30-34.
    assert times(journal, Event.MAINTAIN) == [4, 19, 34]
    assert [(machine.worked_s, machine.since_maintenance_s) for machine in seen[:4]] == [
        (4, 4),
        (4, 4),
        (8, 8),
        (12, 12),
    ]


def test_maintain_is_not_asked_again_when_a_maintenance_ends() -> None:
    station = {**MAINTAINED, "maintenance": {"every_s": 10, "duration": fixed(0)}}
    journal = journal_of(line(station, horizon_s=20), policies={"maintain": lambda _machine, _now_s: True})
    assert times(journal, Event.MAINTAIN) == [4, 8, 12, 16]


# ---- assign


def test_assign_chooses_the_call() -> None:
    stations = [{"machines": 3, "service": fixed(4), "service_skill": "fitting"}]
    scenario = line(*stations, crews=[{"name": "fitters", "skills": ["fitting"]}], horizon_s=9)
    seen: list[tuple[tuple[Request, ...], str]] = []

    def youngest(requests: tuple[Request, ...], crew: str, _: float) -> int:
        seen.append((requests, crew))
        return len(requests) - 1

    journal = journal_of(scenario, policies={"assign": youngest})
    # At 8 the first machine's next part has called after the second machine's, which still waits.
    assert [(time_s, place) for time_s, _, _, place in told(journal, Event.START)] == [
        (0, "s0.1"),
        (4, "s0.3"),
        (8, "s0.1"),
    ]
    assert seen[0] == (
        (Request("s0", 2, "service", "fitting", 0.0), Request("s0", 3, "service", "fitting", 0.0)),
        "fitters",
    )


def test_assign_tells_tasks_apart() -> None:
    failures = {"up_time": fixed(9), "repair_time": fixed(1), "skill": "all"}
    maintenance = {"every_s": 7, "duration": fixed(1), "skill": "all"}
    station = {
        "machines": 2,
        "buffer_places": None,
        "service_skill": "all",
        "setup": {"time": fixed(1), "skill": "all"},
        "failures": failures,
        "maintenance": maintenance,
    }
    tasks: set[str] = set()

    def watch(requests: tuple[Request, ...], _crew: str, _: float) -> int:
        tasks.update(request.task for request in requests)
        return 0

    scenario = line(
        station,
        release={"kind": "constant_wip", "parts": 4},
        part_types=[{"name": kind, "route": ["s0"]} for kind in "ab"],
        crews=[{"name": "all", "skills": ["all"]}],
    )
    journal_of(scenario, policies={"assign": watch})
    assert tasks == {"setup", "service", "repair", "maintenance"}


# ---- what is wrong


def raises_key_error(waiting: Any, _machine: Any, _now_s: float) -> int:
    return {}["missing"] if waiting else 0


def answers_text(_waiting: Any, _machine: Any, _now_s: float) -> Any:
    return "the first"


def answers_too_much(waiting: Any, _machine: Any, _now_s: float) -> int:
    return len(waiting)


def answers_less_than_nothing(_waiting: Any, _machine: Any, _now_s: float) -> int:
    return -1


def answers_nothing(_waiting: Any, _machine: Any, _now_s: float) -> Any:
    return None


def changes_what_it_is_shown(waiting: Any, _machine: Any, _now_s: float) -> int:
    waiting[0].due_s = 0
    return 0


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (raises_key_error, "KeyError: 'missing'"),
        (answers_text, "answered 'the first'; it must be an index from 0 to 2"),
        (answers_too_much, "answered 3; it must be an index from 0 to 2"),
        (answers_less_than_nothing, "answered -1; it must be an index from 0 to 2"),
        (answers_nothing, "answered None; it must be an index from 0 to 2"),
        (changes_what_it_is_shown, "FrozenInstanceError"),
    ],
)
def test_a_wrong_dispatch_stops_the_run_with_its_own_line(policy: Callable[..., object], words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        simulate(one_station(), seed=0, policies={"dispatch": policy})
    assert caught.value.point == "dispatch"
    assert caught.value.file == __file__
    assert caught.value.line == policy.__code__.co_firstlineno + 1
    assert words in str(caught.value)


CREWED: Any = {"crews": [{"name": "x", "skills": ["a"]}]}


@pytest.mark.parametrize(
    ("point", "answer", "wanted", "scenario"),
    [
        ("release", 1, "None or an index from 0 to 0", line({})),
        ("release", True, "None or an index from 0 to 0", line({})),
        ("release", "now", "None or an index from 0 to 0", line({})),
        ("maintain", 1, "True or False", line(MAINTAINED)),
        ("maintain", None, "True or False", line(MAINTAINED)),
        ("assign", 5, "an index from 0 to 0", line({"machines": 2, "service_skill": "a"}, **CREWED)),
        ("assign", None, "an index from 0 to 0", line({"machines": 2, "service_skill": "a"}, **CREWED)),
    ],
)
def test_a_wrong_answer_is_refused(point: str, answer: object, wanted: str, scenario: ProductionLine) -> None:
    with pytest.raises(PolicyError, match=f"answered {answer!r}; it must be {wanted}"):
        simulate(scenario, seed=0, policies={point: lambda *_: answer})


def test_what_a_policy_is_shown_cannot_be_changed() -> None:
    def release(waiting: tuple[WaitingPart, ...], state: LineState, _: float) -> int:
        with pytest.raises(FrozenInstanceError):
            state.wip = 0  # type: ignore[misc]
        with pytest.raises(TypeError):
            state.queues["s0"] = 0  # type: ignore[index]
        with pytest.raises(TypeError):
            waiting[0] = waiting[-1]  # type: ignore[index]
        return 0

    assert len(journal_of(one_station(), policies={"release": release}))


# ---- which engine


POLICY: Mapping[str, Any] = {"dispatch": lambda _waiting, _machine, _now_s: 0}


def test_the_compiled_engine_refuses_a_policy_and_names_it() -> None:
    with pytest.raises(EngineLimitError, match="a Python policy for 'dispatch'; use engine = 'simpy', or 'auto'"):
        simulate(one_station(), seed=0, engine="compiled", policies=POLICY)


def test_auto_takes_simpy_for_a_policy_and_the_compiled_engine_without() -> None:
    assert engine_for(one_station(), policies=POLICY) == "simpy"
    assert engine_for(one_station()) == "compiled"
    assert simulate(one_station(), seed=0, policies=POLICY).journal == journal_of(one_station())


def test_an_unknown_decision_is_refused() -> None:
    with pytest.raises(UnknownPolicyError, match=r"'paint'.*choose one of: dispatch, release, maintain, assign"):
        simulate(one_station(), seed=0, policies={"paint": lambda: 0})
