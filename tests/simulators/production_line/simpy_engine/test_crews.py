"""People whom machines share, by journals worked out by hand."""

from __future__ import annotations

from typing import Any

from production_lines import fixed, journal_of, line, orders, times, told

from simulators.production_line import Event

ONE: Any = [{"name": "fitters", "skills": ["fitting"]}]
HELD: Any = {"service": fixed(4), "service_skill": "fitting"}


class TestService:
    def test_calls_are_answered_in_the_order_in_which_they_are_made(self) -> None:
        journal = journal_of(line({**HELD, "machines": 3}, crews=ONE, horizon_s=13))
        assert told(journal, Event.AWAIT, Event.START) == [
            (0, "START", 0, "s0.1"),
            (0, "AWAIT", 1, "s0.2"),
            (0, "AWAIT", 2, "s0.3"),
            (4, "START", 1, "s0.2"),
            (4, "AWAIT", 3, "s0.1"),
            (8, "START", 2, "s0.3"),
            (8, "AWAIT", 4, "s0.2"),
            (12, "START", 3, "s0.1"),
            (12, "AWAIT", 5, "s0.3"),
        ]

    def test_a_blocked_machine_holds_nobody(self) -> None:
        journal = journal_of(line({**HELD, "service": fixed(1)}, HELD, crews=ONE, horizon_s=7))
        # One fitter: part 0 at s0 0-1; then s1 calls after s0 has called again.
        assert told(journal, Event.START) == [
            (0, "START", 0, "s0.1"),
            (1, "START", 0, "s1.1"),
            (5, "START", 1, "s0.1"),
            (6, "START", 1, "s1.1"),
        ]

    def test_more_members_serve_more_machines(self) -> None:
        crews = [{**ONE[0], "members": 2}]
        journal = journal_of(line({**HELD, "machines": 3}, crews=crews, horizon_s=5))
        assert times(journal, Event.START) == [0, 0, 4, 4]

    def test_the_first_crew_with_the_skill_comes(self) -> None:
        crews = [{"name": "all", "skills": ["sorting", "fitting"]}, {"name": "fitters", "skills": ["fitting"]}]
        stations = [{**HELD}, {"service": fixed(1), "service_skill": "sorting"}]
        types = [{"name": "a", "route": ["s0"]}, {"name": "b", "route": ["s1"]}]
        journal = journal_of(line(*stations, crews=crews, part_types=types, release=orders(("a", 0), ("b", 1))))
        assert times(journal, Event.START, 1) == [4]  # the only one who sorts has gone to fit

    def test_who_is_busy_when_the_shift_ends_still_ends_the_task(self) -> None:
        shifts = [{"name": "day", "cycle_s": 20, "periods": [{"start_s": 0, "end_s": 6}]}]
        journal = journal_of(line(HELD, crews=[{**ONE[0], "shift": "day"}], shifts=shifts, horizon_s=30))
        assert times(journal, Event.FINISH) == [4, 8, 24, 28]
        assert times(journal, Event.AWAIT) == [8, 28]

    def test_an_interruption_frees_the_operator(self) -> None:
        failing = {**HELD, "failures": {"up_time": fixed(3), "repair_time": fixed(50)}}
        types = [{"name": "a", "route": ["s0"]}, {"name": "b", "route": ["s1"]}]
        scenario = line(failing, HELD, crews=ONE, part_types=types, release=orders(("a", 0), ("b", 1)))
        assert times(journal_of(scenario), Event.START, 1) == [3]

    def test_an_interruption_withdraws_the_call(self) -> None:
        failing = {**HELD, "failures": {"up_time": fixed(2), "repair_time": fixed(50)}}
        types = [{"name": kind, "route": [station]} for kind, station in (("a", "s1"), ("b", "s0"), ("c", "s2"))]
        release = orders(("a", 0), ("b", 1), ("c", 3))
        scenario = line(failing, HELD, HELD, crews=ONE, part_types=types, release=release, horizon_s=20)
        assert told(journal_of(scenario), Event.START) == [(0, "START", 0, "s1.1"), (4, "START", 2, "s2.1")]

    def test_after_the_repair_the_machine_calls_again_and_shows_when_it_goes_on(self) -> None:
        failing = {**HELD, "failures": {"up_time": fixed(3), "repair_time": fixed(1)}}
        types = [{"name": "a", "route": ["s0"]}, {"name": "b", "route": ["s1"]}]
        scenario = line(failing, HELD, crews=ONE, part_types=types, release=orders(("a", 0), ("b", 1)), horizon_s=7.5)
        assert told(journal_of(scenario), Event.AWAIT, Event.START, Event.REPAIR, part=0) == [
            (0, "START", 0, "s0.1"),
            (4, "AWAIT", 0, "s0.1"),
            (7, "START", 0, "s0.1"),
        ]


TYPES: Any = [{"name": kind, "route": ["s0"]} for kind in ("a", "b")]
RELEASE: Any = orders(("a", 0), ("b", 0))


class TestSetup:
    def station(self, setting: str | None, working: str | None) -> dict[str, Any]:
        setup = {"time": fixed(2), "skill": setting}
        return {"buffer_places": 1, "service": fixed(4), "service_skill": working, "setup": setup}

    def test_a_setter_sets_up_and_an_operator_works(self) -> None:
        crews = [{"name": "setters", "skills": ["setting"]}, *ONE]
        station = self.station("setting", "fitting")
        journal = journal_of(line(station, crews=crews, part_types=TYPES, release=RELEASE))
        assert times(journal, Event.SETUP) == [4]
        assert times(journal, Event.START) == [0, 6]

    def test_who_can_do_both_stays(self) -> None:
        stations = [self.station("fitting", "fitting"), HELD]
        types = [*TYPES, {"name": "c", "route": ["s1"]}]
        release = orders(("a", 0), ("b", 0), ("c", 5))
        journal = journal_of(line(*stations, crews=ONE, part_types=types, release=release))
        assert told(journal, Event.START, Event.SETUP) == [
            (0, "START", 0, "s0.1"),
            (4, "SETUP", 1, "s0.1"),
            (6, "START", 1, "s0.1"),
            (10, "START", 2, "s1.1"),
        ]

    def test_the_machine_waits_for_the_operator_after_the_setup(self) -> None:
        stations = [self.station(None, "fitting"), HELD]
        types = [*TYPES, {"name": "c", "route": ["s1"]}]
        release = orders(("a", 0), ("b", 0), ("c", 4))
        journal = journal_of(line(*stations, crews=ONE, part_types=types, release=release))
        assert told(journal, Event.AWAIT, Event.SETUP, Event.START, part=1) == [
            (4, "SETUP", 1, "s0.1"),
            (6, "AWAIT", 1, "s0.1"),
            (8, "START", 1, "s0.1"),
        ]


class TestRepairsAndMaintenance:
    def test_repairs_wait_for_the_repair_crew(self) -> None:
        failures = {"up_time": fixed(3), "repair_time": fixed(5), "skill": "repairing"}
        crews = [{"name": "repairers", "skills": ["repairing"]}]
        journal = journal_of(line({"machines": 2, "failures": failures}, crews=crews, horizon_s=14))
        assert told(journal, Event.FAIL, Event.MEND, Event.REPAIR) == [
            (3, "FAIL", -1, "s0.1"),
            (3, "MEND", -1, "s0.1"),
            (3, "FAIL", -1, "s0.2"),
            (8, "REPAIR", -1, "s0.1"),
            (8, "MEND", -1, "s0.2"),
            (11, "FAIL", -1, "s0.1"),
            (13, "REPAIR", -1, "s0.2"),
            (13, "MEND", -1, "s0.1"),
        ]

    def test_a_maintenance_waits_for_its_crew_and_no_part_comes_in_meanwhile(self) -> None:
        station = {"service": fixed(2), "maintenance": {"every_s": 3, "duration": fixed(1), "skill": "oiling"}}
        shifts = [{"name": "late", "cycle_s": 100, "periods": [{"start_s": 9, "end_s": 100}]}]
        crews = [{"name": "oilers", "skills": ["oiling"], "shift": "late"}]
        journal = journal_of(line(station, crews=crews, shifts=shifts, horizon_s=13))
        assert times(journal, Event.MAINTAIN) == [4]
        assert times(journal, Event.MAINTAINED) == [10]
        assert times(journal, Event.START) == [0, 2, 10, 12]
