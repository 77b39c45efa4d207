"""Set-ups, failures, maintenance and shifts of a machine, by journals worked out by hand."""

from __future__ import annotations

from typing import Any

from production_lines import fixed, journal_of, line, orders, times, told

from simulators.production_line import Event

A_AND_B = [{"name": kind, "route": ["s0"]} for kind in ("a", "b", "c")]


def sequence(*kinds: str) -> dict[str, Any]:
    return orders(*((kind, 0) for kind in kinds))


class TestSetup:
    def test_the_first_part_needs_none_and_equal_parts_need_none_between_them(self) -> None:
        station = {"buffer_places": None, "service": fixed(2), "setup": {"time": fixed(3)}}
        journal = journal_of(line(station, release=sequence("a", "a", "b", "a"), part_types=A_AND_B))
        assert told(journal, Event.SETUP) == [(4, "SETUP", 2, "s0.1"), (9, "SETUP", 3, "s0.1")]
        assert times(journal, Event.START) == [0, 2, 7, 12]

    def test_it_depends_on_the_sequence(self) -> None:
        changes = [
            {"before": "a", "after": "b", "time": fixed(10)},
            {"before": "b", "after": "a", "time": fixed(20)},
        ]
        station = {"buffer_places": None, "setup": {"time": fixed(1), "changeovers": changes}}
        journal = journal_of(line(station, release=sequence("a", "b", "a", "c", "b"), part_types=A_AND_B))
        # a 0-1, to b 1-11, b 11-12, to a 12-32, a 32-33, to c 33-34, c 34-35, to b 35-36, b 36-37
        assert times(journal, Event.EXIT) == [1, 12, 33, 35, 37]

    def test_a_part_goes_where_it_needs_no_setup_then_where_none_was_made_then_to_the_lowest_number(self) -> None:
        station = {"machines": 3, "setup": {"time": fixed(2)}}
        release = orders(("a", 0), ("b", 10), ("b", 20), ("c", 30), ("a", 40), ("b", 50), ("a", 60), ("a", 60))
        journal = journal_of(line(station, release=release, part_types=A_AND_B))
        loaded = [place for _, _, _, place in told(journal, Event.START)]
        # The last a finds the machine of the one before it busy, and takes the first of the others.
        assert loaded == ["s0.1", "s0.2", "s0.2", "s0.3", "s0.1", "s0.2", "s0.1", "s0.2"]
        assert times(journal, Event.SETUP) == [60]

    def test_a_failure_interrupts_it(self) -> None:
        failures = {"up_time": fixed(3), "repair_time": fixed(10)}
        station = {"buffer_places": None, "setup": {"time": fixed(4)}, "failures": failures}
        journal = journal_of(line(station, release=sequence("a", "b"), part_types=A_AND_B, horizon_s=17))
        # a 0-1, set-up 1-3, down 3-13, set-up 13-15, b 15-16.
        assert times(journal, Event.SETUP) == [1]
        assert times(journal, Event.START, 1) == [15]


class TestFailures:
    def test_a_service_resumes_after_the_repair(self) -> None:
        station = {"service": fixed(10), "failures": {"up_time": fixed(4), "repair_time": fixed(3)}}
        # Up 0-4, 7-11, 14-18: ten seconds of service from 0 end at 4 + 4 + 2 seconds of up time, at 16.
        assert times(journal_of(line(station, horizon_s=20)), Event.EXIT, 0) == [16]

    def test_a_machine_that_is_down_takes_no_part_but_lets_a_finished_one_go(self) -> None:
        failing = {"failures": {"up_time": fixed(2.5), "repair_time": fixed(50)}}
        journal = journal_of(line(failing, {"service": fixed(5)}, horizon_s=50))
        assert times(journal, Event.LEAVE, 1)[0] == 6
        assert times(journal, Event.RELEASE) == [0, 1]

    def test_by_the_calendar_a_machine_ages_while_it_is_idle(self) -> None:
        station = {"failures": {"up_time": fixed(3), "repair_time": fixed(2)}}
        journal = journal_of(line(station, release=orders(("part", 4)), horizon_s=12))
        assert times(journal, Event.FAIL) == [3, 8]
        assert times(journal, Event.START) == [5]

    def test_by_operation_only_while_it_works(self) -> None:
        failures = {"clock": "operation", "up_time": fixed(3), "repair_time": fixed(4)}
        release = {"kind": "interval", "interval": fixed(10)}
        journal = journal_of(line({"service": fixed(2), "failures": failures}, release=release, horizon_s=40))
        # Works 10-12 and 20-21, fails at the age of 3, and goes on 25-26; 30-32 makes 3 again, just enough.
        assert times(journal, Event.FAIL) == [21]
        assert times(journal, Event.FINISH) == [12, 26, 32]

    def test_a_service_that_ends_at_the_moment_of_wear_out_ends_first(self) -> None:
        failures = {"clock": "operation", "up_time": fixed(2), "repair_time": fixed(4)}
        journal = journal_of(line({"service": fixed(2), "failures": failures}, horizon_s=9))
        assert told(journal, Event.START, Event.FINISH, Event.FAIL, Event.REPAIR) == [
            (0, "START", 0, "s0.1"),
            (2, "FINISH", 0, "s0.1"),
            (2, "START", 1, "s0.1"),
            (2, "FAIL", -1, "s0.1"),
            (6, "REPAIR", -1, "s0.1"),
            (8, "FINISH", 1, "s0.1"),
            (8, "START", 2, "s0.1"),
            (8, "FAIL", -1, "s0.1"),
        ]


class TestMaintenance:
    def test_it_waits_for_the_end_of_a_service(self) -> None:
        maintenance = {"every_s": 10, "duration": fixed(3)}
        journal = journal_of(line({"service": fixed(4), "maintenance": maintenance}, horizon_s=40))
        # Due at 10, done 12-15; due ten seconds later, at 25, done 27-30.
        assert times(journal, Event.MAINTAIN) == [12, 27]
        assert times(journal, Event.MAINTAINED) == [15, 30]

    def test_an_empty_machine_is_maintained_at_once(self) -> None:
        station = {"maintenance": {"every_s": 10, "duration": fixed(3)}}
        journal = journal_of(line(station, release=orders(("part", 11)), horizon_s=22))
        assert times(journal, Event.MAINTAIN) == [10]
        assert times(journal, Event.START) == [13]

    def test_a_blocked_machine_waits_until_its_part_has_left(self) -> None:
        station = {"maintenance": {"every_s": 3, "duration": fixed(1)}}
        journal = journal_of(line(station, {"service": fixed(5)}, horizon_s=10))
        assert times(journal, Event.MAINTAIN) == [6]  # part 1 is blocked from 2 to 6

    def test_by_operation_it_counts_work_only(self) -> None:
        maintenance = {"every_s": 10, "clock": "operation", "duration": fixed(2)}
        release = {"kind": "interval", "interval": fixed(5)}
        station = {"service": fixed(4), "maintenance": maintenance}
        journal = journal_of(line(station, release=release, horizon_s=40))
        assert times(journal, Event.MAINTAIN) == [19, 34]  # after the third part of four seconds each

    def test_it_renews_the_machine_or_does_not(self) -> None:
        for renews, fails in ((True, []), (False, [14, 28])):
            station = {
                "maintenance": {"every_s": 10, "duration": fixed(1), "renews": renews},
                "failures": {"up_time": fixed(14), "repair_time": fixed(0)},
            }
            journal = journal_of(line(station, horizon_s=40))
            assert times(journal, Event.FAIL) == fails


DAY: Any = [{"name": "day", "cycle_s": 20, "periods": [{"start_s": 0, "end_s": 5}, {"start_s": 10, "end_s": 15}]}]


class TestShift:
    def test_a_service_goes_on_where_it_stopped(self) -> None:
        journal = journal_of(line({"service": fixed(8), "shift": "day"}, shifts=DAY, horizon_s=30))
        assert told(journal, Event.OFF, Event.ON, Event.FINISH) == [
            (5, "OFF", -1, "s0.1"),
            (10, "ON", -1, "s0.1"),
            (13, "FINISH", 0, "s0.1"),
            (15, "OFF", -1, "s0.1"),
            (20, "ON", -1, "s0.1"),
            (25, "OFF", -1, "s0.1"),
        ]

    def test_outside_its_shift_a_machine_takes_no_part_but_lets_a_finished_one_go(self) -> None:
        stations = [{"service": fixed(2), "shift": "day"}, {"service": fixed(5)}]
        journal = journal_of(line(*stations, shifts=DAY, horizon_s=11))
        # Part 1 is finished at 4 and blocked until 7; from 5 to 10 the first machine is off.
        assert times(journal, Event.LEAVE, 1)[0] == 7
        assert times(journal, Event.RELEASE) == [0, 2, 10]

    def test_a_line_may_begin_outside_of_its_shift(self) -> None:
        shifts = [{"name": "late", "cycle_s": 20, "periods": [{"start_s": 4, "end_s": 20}]}]
        journal = journal_of(line({"shift": "late"}, shifts=shifts, horizon_s=25))
        assert told(journal, Event.OFF, Event.ON) == [
            (0, "OFF", -1, "s0.1"),
            (4, "ON", -1, "s0.1"),
            (20, "OFF", -1, "s0.1"),
            (24, "ON", -1, "s0.1"),
        ]
        assert times(journal, Event.START)[0] == 4

    def test_a_repair_goes_on_outside_of_the_shift(self) -> None:
        station = {"service": fixed(3), "shift": "day", "failures": {"up_time": fixed(4), "repair_time": fixed(3)}}
        journal = journal_of(line(station, shifts=DAY, horizon_s=22))
        assert times(journal, Event.REPAIR) == [7, 14, 21]
        # The second part is worked on 3-4, 10-11 and 14-15; the end of the shift at 15 was scheduled before its own.
        assert times(journal, Event.FINISH) == [3, 21]
