from __future__ import annotations

from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_lines import any_line, outcome

from simulators import Journal, simulate
from simulators.production_line import Event, LineMeter, Places, ProductionLine, State, state_intervals
from simulators.production_line.states import states_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulators import Run

    Write = Callable[..., Journal]


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def line(*stations: dict[str, Any], **more: Any) -> ProductionLine:
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": 100,
            "release": {"kind": "saturated"},
            "stations": [{"service": fixed(10), **station} for station in stations],
            **more,
        }
    )


def figures(scenario: ProductionLine, journal: Journal) -> dict[str, float]:
    meter = LineMeter(scenario)
    meter.add(journal)
    return {name: kpi.value for name, kpi in meter.kpis().items()}


def pieces(journal: Journal, cuts: Iterable[int]) -> Iterable[Journal]:
    """Give the journal piece by piece in columns that are written over afterwards."""
    columns = (journal.time_s, journal.event, journal.entity, journal.place)
    for begin, end in pairwise([0, *sorted(cuts), len(journal)]):
        piece = Journal(*(column[begin:end].copy() for column in columns), journal.places)
        yield piece
        for column in (piece.time_s, piece.event, piece.entity, piece.place):
            column[:] = 1


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_figures_do_not_depend_on_how_the_journal_is_cut(
    workshop: ProductionLine, workshop_run: Run, data: st.DataObject
) -> None:
    journal = workshop_run.journal
    cuts = data.draw(st.lists(st.integers(0, len(journal)), max_size=8))
    meter = LineMeter(workshop)
    for piece in pieces(journal, cuts):
        meter.add(piece)
    assert meter.kpis() == workshop_run.kpis


@settings(max_examples=60, deadline=None)
@given(st.one_of(any_line(clockwork=False), any_line(clockwork=True)), st.integers(0, 99))
def test_figures_of_any_line_agree_with_its_journal(scenario: ProductionLine, seed: int) -> None:
    """A journal that a deadlock cuts short is measured as well: what stands, stands until the horizon."""
    journal, _ = outcome(scenario, seed=seed, engine="simpy")
    found = figures(scenario, journal)
    span_s = scenario.horizon_s - scenario.warm_up_s
    area = whereabouts(scenario, journal)
    assert found["wip_mean"] * span_s == pytest.approx(area["line"], abs=1e-9)
    for station, machines in zip(scenario.stations, Places(scenario).machines, strict=True):
        root = f"station.{station.name}"
        assert found[f"{root}.queue_mean"] * span_s == pytest.approx(area[f"{station.name}.buffer"], abs=1e-9)
        spent_s = time_in_states(scenario, journal, machines)
        shares = [found[f"{root}.{state.name.lower()}_ratio"] for state in states_of(station)]
        assert shares == pytest.approx([spent_s[state] / (span_s * len(machines)) for state in states_of(station)])
        assert sum(shares) == pytest.approx(1)
    ratios = [value for name, value in found.items() if name.endswith(("_ratio", "_yield")) and not isnan(value)]
    assert min(ratios) >= 0
    assert max(ratios) <= 1 + 1e-9


def time_in_states(scenario: ProductionLine, journal: Journal, machines: Iterable[int]) -> np.ndarray:
    spent_s = np.zeros(len(State))
    for place in machines:
        start_s, state = state_intervals(journal, place)
        np.add.at(spent_s, state, np.diff(np.append(start_s, scenario.horizon_s).clip(scenario.warm_up_s)))
    return spent_s


def test_asking_twice_gives_the_same(workshop: ProductionLine, workshop_run: Run) -> None:
    meter = LineMeter(workshop)
    meter.add(workshop_run.journal)
    assert meter.kpis() == meter.kpis()


def whereabouts(scenario: ProductionLine, journal: Journal) -> dict[str, float]:
    """Return part seconds in every place after the warm-up, by replaying the journal in plain Python."""
    places = journal.places
    where: dict[int, str] = {}
    area = dict.fromkeys([*places, "line"], 0.0)
    last_s = scenario.warm_up_s
    inside: set[int] = set()
    for time_s, event, part, place in zip(journal.time_s, journal.event, journal.entity, journal.place, strict=True):
        now_s = max(time_s, scenario.warm_up_s)
        for here in where.values():
            area[here] += now_s - last_s
        area["line"] += len(inside) * (now_s - last_s)
        last_s = now_s
        if event in (Event.QUEUE, Event.CONVEY, Event.STORE):
            where[part] = places[place]
        elif event in (Event.START, Event.SETUP, Event.AWAIT):
            where.pop(part, None)
        elif event in (Event.EXIT, Event.SCRAP, Event.ASSEMBLE):
            where.pop(part, None)
            inside.remove(part)
        elif event == Event.RELEASE:
            inside.add(part)
    for here in where.values():
        area[here] += scenario.horizon_s - last_s
    area["line"] += len(inside) * (scenario.horizon_s - last_s)
    return area


def test_mean_numbers_of_parts_are_those_of_a_plain_replay(workshop: ProductionLine, workshop_run: Run) -> None:
    area = whereabouts(workshop, workshop_run.journal)
    span_s = workshop.horizon_s - workshop.warm_up_s
    value = {name: kpi.value * span_s for name, kpi in workshop_run.kpis.items()}
    assert value["wip_mean"] == pytest.approx(area["line"])
    for station in workshop.stations:
        assert value[f"station.{station.name}.queue_mean"] == pytest.approx(area[f"{station.name}.buffer"])
    assert value["station.wash.conveyor_mean"] == pytest.approx(area["wash.conveyor"])
    assert value["station.fit.components.pin.queue_mean"] == pytest.approx(area["fit.components.pin"])
    assert value["station.pack.store_mean"] == pytest.approx(area["pack.store"])


def test_lead_times_and_counts_are_those_of_a_plain_replay(workshop: ProductionLine, workshop_run: Run) -> None:
    journal, warm_up_s = workshop_run.journal, workshop.warm_up_s
    released = dict(
        zip(
            journal.entity[journal.event == Event.RELEASE].tolist(),
            journal.time_s[journal.event == Event.RELEASE].tolist(),
            strict=True,
        )
    )
    for kind in ("gear", "shaft", "plate"):
        gone = (journal.event == Event.EXIT) & (journal.place == journal.places.index(f"type.{kind}"))
        gone &= journal.time_s >= warm_up_s
        lead_s = [
            time_s - released[part] for time_s, part in zip(journal.time_s[gone], journal.entity[gone], strict=True)
        ]
        assert workshop_run.kpis[f"type.{kind}.lead_time_mean_s"].value == pytest.approx(np.mean(lead_s))
        per_hour = len(lead_s) / (workshop.horizon_s - warm_up_s) * 3600
        assert workshop_run.kpis[f"type.{kind}.throughput_per_h"].value == pytest.approx(per_hour)
    assert "type.pin.throughput_per_h" not in workshop_run.kpis
    rejected = set(journal.entity[journal.event == Event.REJECT].tolist())
    ends = np.isin(journal.event, [Event.EXIT, Event.SCRAP, Event.ASSEMBLE]) & (journal.time_s >= warm_up_s)
    scrapped = (journal.event == Event.SCRAP) & (journal.time_s >= warm_up_s)
    assert scrapped.any()
    assert workshop_run.kpis["scrap_ratio"].value == scrapped.sum() / ends.sum()
    assert workshop_run.kpis["rework_ratio"].value == len(rejected & set(journal.entity[ends].tolist())) / ends.sum()


def test_effectiveness_follows_the_steps_of_the_routes() -> None:
    """Both visits to the lathe take their planned time, so that it runs exactly as planned."""
    scenario = line(
        {"name": "lathe", "buffer_places": 9},
        {"name": "mill", "service": fixed(3)},
        part_types=[
            {"name": "nut", "route": [{"station": "lathe", "service": fixed(4)}, "mill", "lathe"]},
            {"name": "bolt", "route": [{"station": "lathe", "service": fixed(7)}]},
        ],
        release={"kind": "constant_wip", "parts": 4},
        horizon_s=3000,
    )
    found = simulate(scenario, seed=1, engine="simpy").kpis
    assert found["station.lathe.working_ratio"].value == pytest.approx(1)
    assert found["station.lathe.effectiveness"].value == pytest.approx(1, abs=10 / 3000)  # but for the part in work
    assert found["station.mill.effectiveness"].value == pytest.approx(1)


@pytest.mark.parametrize("rework", ["lathe", "bench"])
def test_effectiveness_follows_parts_through_rework(rework: str) -> None:
    """The steps that the meter takes them to have must be those that the engine serves."""
    scenario = line(
        {"name": "lathe", "buffer_places": None},
        {"name": "mill", "service": fixed(3), "buffer_places": None},
        {
            "name": "gauge",
            "service": fixed(1),
            "buffer_places": None,
            "inspection": {"false_alarm": 0.4, "rework": rework, "most_reworks": 2},
        },
        {"name": "bench", "service": fixed(5), "buffer_places": None},
        part_types=[
            {
                "name": "nut",
                "route": [
                    {"station": "lathe", "service": fixed(4)},
                    "mill",
                    "gauge",
                    {"station": "lathe", "service": fixed(6)},
                    {"station": "gauge", "service": fixed(2)},
                ],
            }
        ],
        release={"kind": "interval", "interval": fixed(25)},
        horizon_s=20_000,
    )
    run = simulate(scenario, seed=1, engine="simpy")
    assert (run.journal.event == Event.SCRAP).any()
    for name in ("lathe", "mill", "gauge"):
        assert run.kpis[f"station.{name}.effectiveness"].value == pytest.approx(1, abs=0.002)


def test_oee_by_hand(write: Write) -> None:
    """On shift 80 s of 100, 10 s of them maintenance; three parts of 10 s planned in 40 s of work; one is spoilt."""
    scenario = line(
        {
            "name": "press",
            "shift": "day",
            "maintenance": {"every_s": 1000, "duration": fixed(10)},
            "defect_probability": 0.1,
        },
        shifts=[{"name": "day", "cycle_s": 100, "periods": [{"start_s": 0, "end_s": 80}]}],
    )
    rows: list[tuple[float, Event, int, str]] = []
    for part, (start, finish) in enumerate([(0, 15), (15, 30), (30, 40)]):
        rows += [
            (start, Event.RELEASE, part, "type.part"),
            (start, Event.START, part, "press.1"),
            (finish, Event.FINISH, part, "press.1"),
            *([(finish, Event.DEFECT, part, "press.1")] if part == 1 else []),
            (finish, Event.LEAVE, part, "press.1"),
            (finish, Event.EXIT, part, "type.part"),
        ]
    rows += [
        (50, Event.MAINTAIN, -1, "press.1"),
        (60, Event.MAINTAINED, -1, "press.1"),
        (80, Event.OFF, -1, "press.1"),
    ]
    found = figures(scenario, write(scenario, *rows))
    assert found["station.press.availability"] == pytest.approx(40 / 70)
    assert found["station.press.effectiveness"] == pytest.approx(30 / 40)
    assert found["station.press.quality_ratio"] == pytest.approx(2 / 3)
    assert found["station.press.oee"] == pytest.approx(40 / 70 * 30 / 40 * 2 / 3)
    assert found["station.press.off_ratio"] == pytest.approx(0.2)
    assert found["station.press.maintenance_ratio"] == pytest.approx(0.1)
    assert found["first_pass_yield"] == pytest.approx(2 / 3)
    assert found["outgoing_defect_ratio"] == pytest.approx(1 / 3)
    assert found["scrap_ratio"] == 0


def test_a_part_that_is_spoilt_and_rejected_at_one_service_counts_once(write: Write) -> None:
    scenario = line({"name": "press", "defect_probability": 0.1, "inspection": {}})
    found = figures(
        scenario,
        write(
            scenario,
            (0, Event.RELEASE, 0, "type.part"),
            (0, Event.START, 0, "press.1"),
            (10, Event.FINISH, 0, "press.1"),
            (10, Event.DEFECT, 0, "press.1"),
            (10, Event.REJECT, 0, "press.1"),
            (10, Event.LEAVE, 0, "press.1"),
            (10, Event.SCRAP, 0, "type.part"),
        ),
    )
    assert found["station.press.quality_ratio"] == 0
    assert found["station.press.oee"] == 0
    assert found["scrap_ratio"] == 1
    assert found["rework_ratio"] == 0
    assert found["parts_made"] == 0
    assert isnan(found["outgoing_defect_ratio"])


@pytest.mark.parametrize(("clock", "mtbf_s"), [("calendar", 80 / 2), ("operation", 30 / 2)])
def test_mtbf_and_mttr_by_hand(write: Write, clock: str, mtbf_s: float) -> None:
    """Down 10 to 20 and 60 to 70, at first waiting for somebody; between the failures it works 30 s."""
    failing = {"up_time": fixed(50), "repair_time": fixed(10), "skill": "repair", "clock": clock}
    scenario = line(
        {"name": "press", "failures": failing}, crews=[{"name": "team", "members": 2, "skills": ["repair"]}]
    )
    found = figures(
        scenario,
        write(
            scenario,
            (10, Event.FAIL, -1, "press.1"),
            (14, Event.MEND, -1, "press.1"),
            (20, Event.REPAIR, -1, "press.1"),
            (20, Event.RELEASE, 0, "type.part"),
            (20, Event.START, 0, "press.1"),
            (50, Event.FINISH, 0, "press.1"),
            (50, Event.LEAVE, 0, "press.1"),
            (50, Event.EXIT, 0, "type.part"),
            (60, Event.FAIL, -1, "press.1"),
            (60, Event.MEND, -1, "press.1"),
            (70, Event.REPAIR, -1, "press.1"),
        ),
    )
    assert found["station.press.mtbf_s"] == mtbf_s
    assert found["station.press.mttr_s"] == 10
    assert found["crew.team.utilisation"] == pytest.approx(16 / 200)


def test_mtbf_is_what_the_scenario_says() -> None:
    failing = {"up_time": {"kind": "exponential", "mean_s": 300}, "repair_time": fixed(60)}
    press = {"name": "press", "failures": failing}
    wearing = {"name": "lathe", "service": fixed(20), "failures": {**failing, "clock": "operation"}}
    found = simulate(line(press, wearing, horizon_s=400_000), seed=1, engine="simpy").kpis
    assert found["station.press.mtbf_s"].value == pytest.approx(300, rel=0.1)
    assert found["station.lathe.mtbf_s"].value == pytest.approx(300, rel=0.1)
    assert found["station.lathe.mttr_s"].value == pytest.approx(60)


def test_orders_by_hand(write: Write) -> None:
    """The first is done in time, the second 15 s late, the third is 30 s overdue at the end, the fourth not yet due."""
    orders = [{"quantity": 2, "due_s": due} for due in (30, 45, 70, 100)]
    scenario = line({"name": "press"}, release={"kind": "orders", "orders": orders})
    done = [(10, 0), (30, 1), (20, 3), (60, 2), (80, 4)]
    rows: list[tuple[float, Event, int, str]] = [(0, Event.RELEASE, part, "type.part") for part in range(8)]
    rows += [(time_s, Event.SCRAP if part == 1 else Event.EXIT, part, "type.part") for time_s, part in sorted(done)]
    found = figures(scenario, write(scenario, *rows))
    assert found["orders_done"] == 2
    assert found["orders_late_ratio"] == pytest.approx(2 / 3)
    assert found["tardiness_mean_s"] == pytest.approx((0 + 15 + 30) / 3)


def test_orders_of_a_run_end_with_their_last_part(workshop: ProductionLine, workshop_run: Run) -> None:
    journal = workshop_run.journal
    late_s = []
    for number in range(30):
        ends = np.isin(journal.entity, range(5 * number, 5 * number + 5))
        ends &= np.isin(journal.event, [Event.EXIT, Event.SCRAP])
        end_s = journal.time_s[ends].max() if ends.sum() == 5 else workshop.horizon_s
        if end_s >= workshop.warm_up_s:
            late_s.append(max(0.0, end_s - (600 * number + 240)))
    assert workshop_run.kpis["tardiness_mean_s"].value == pytest.approx(np.mean(late_s))
    assert workshop_run.kpis["orders_late_ratio"].value == np.mean([late > 0 for late in late_s])
    assert 0 < workshop_run.kpis["orders_late_ratio"].value < 1


def test_energy_by_hand(write: Write) -> None:
    power = {"idle_w": 36, "busy_w": 360, "blocked_w": 72, "down_w": 7.2}
    scenario = line({"name": "press", "power": power}, {"name": "pack"})
    found = figures(
        scenario,
        write(
            scenario,
            (0, Event.RELEASE, 0, "type.part"),
            (0, Event.START, 0, "press.1"),
            (30, Event.FINISH, 0, "press.1"),
            (40, Event.FAIL, -1, "press.1"),
            (70, Event.REPAIR, -1, "press.1"),
            (80, Event.LEAVE, 0, "press.1"),
            (80, Event.EXIT, 0, "type.part"),
        ),
    )
    spent_wh = (30 * 360 + (10 + 10) * 72 + 30 * 7.2 + 20 * 36) / 3600
    assert found["energy_wh"] == pytest.approx(spent_wh)
    assert found["energy_per_part_wh"] == pytest.approx(spent_wh)
    assert found["station.press.energy_wh"] == pytest.approx(spent_wh)
    assert "station.pack.energy_wh" not in found


def test_what_began_before_the_warm_up_counts_from_its_end(write: Write) -> None:
    failing = {"up_time": fixed(50), "repair_time": fixed(10)}
    scenario = line({"name": "press", "failures": failing}, warm_up_s=20)
    found = figures(
        scenario,
        write(
            scenario,
            (0, Event.RELEASE, 0, "type.part"),
            (0, Event.START, 0, "press.1"),
            (10, Event.FAIL, -1, "press.1"),
            (30, Event.REPAIR, -1, "press.1"),
            (40, Event.FINISH, 0, "press.1"),
            (40, Event.LEAVE, 0, "press.1"),
            (40, Event.EXIT, 0, "type.part"),
        ),
    )
    assert found["station.press.down_ratio"] == pytest.approx(10 / 80)
    assert found["station.press.working_ratio"] == pytest.approx(10 / 80)
    assert found["station.press.mttr_s"] == 20  # a repair counts whole when it ends
    assert isnan(found["station.press.mtbf_s"])  # no failure since then
    assert found["wip_mean"] == pytest.approx(20 / 80)
    assert found["lead_time_mean_s"] == 40
    assert found["parts_made"] == 1


def test_crew_utilisation_is_told_only_where_the_journal_tells_it() -> None:
    def crews(*skills: list[str]) -> set[str]:
        scenario = line(
            {"name": "press", "service_skill": "operate"},
            {"name": "pack", "maintenance": {"every_s": 50, "duration": fixed(5), "skill": "oil"}},
            crews=[{"name": f"crew{number}", "skills": names} for number, names in enumerate(skills)],
        )
        names = simulate(scenario, seed=0, engine="simpy").kpis
        return {name for name in names if name.startswith("crew.")}

    assert crews(["operate"], ["oil"]) == {"crew.crew0.utilisation"}
    assert crews(["operate"], ["operate"], ["oil"]) == set()
    assert crews(["operate", "oil"]) == set()


def test_operators_of_a_busy_machine_are_busy() -> None:
    scenario = line(
        {"name": "press", "service_skill": "operate"},
        crews=[{"name": "day", "members": 2, "skills": ["operate"], "shift": "day"}],
        shifts=[{"name": "day", "cycle_s": 50, "periods": [{"start_s": 0, "end_s": 40}]}],
    )
    found = simulate(scenario, seed=0, engine="simpy").kpis
    assert found["station.press.awaiting_ratio"].value == pytest.approx(0.2)
    assert found["crew.day.utilisation"].value == pytest.approx(0.5)


def test_a_plain_line_keeps_a_short_list() -> None:
    names = set(simulate(line({"name": "press"}), seed=0, engine="simpy").kpis)
    station = ("starved", "working", "blocked", "down")
    assert names == {
        "throughput_per_h",
        "parts_made",
        "lead_time_mean_s",
        "wip_mean",
        *(f"station.press.{state}_ratio" for state in station),
        *(f"station.press.{name}" for name in ("queue_mean", "availability", "effectiveness", "oee")),
    }


def test_units(workshop_run: Run) -> None:
    unit = {name: kpi.unit for name, kpi in workshop_run.kpis.items()}
    assert {unit[name] for name in unit if name.endswith("_s")} == {"s"}
    assert {unit[name] for name in unit if name.endswith("_wh")} == {"Wh"}
    assert {unit[name] for name in unit if name.endswith("_per_h")} == {"1/h"}
    assert {unit[name] for name in unit if name.endswith(("_ratio", "oee", "utilisation", "_yield"))} == {"1"}
    assert {unit[name] for name in unit if name.endswith("_mean")} == {"parts"}
    assert not any(isnan(kpi.value) for kpi in workshop_run.kpis.values())
