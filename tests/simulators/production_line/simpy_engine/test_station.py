"""What a station does with parts, by journals worked out by hand."""

from __future__ import annotations

import pytest
from production_lines import fixed, journal_of, line, orders, times, told

from simulators.production_line import Event

EXITS = (Event.EXIT, Event.SCRAP)


class TestRoom:
    def test_parts_are_blocked_after_service(self) -> None:
        journal = journal_of(line({"service": fixed(1)}, {"service": fixed(5)}))
        # Part 1 is finished at 2 but leaves the first machine only when part 0 leaves the second, at 6.
        assert times(journal, Event.FINISH, 1)[0] == 2
        assert times(journal, Event.LEAVE, 1)[0] == 6
        assert times(journal, Event.EXIT, 1) == [11]

    def test_a_buffer_place_frees_the_machine(self) -> None:
        journal = journal_of(line({"service": fixed(1)}, {"service": fixed(5), "buffer_places": 1}))
        assert times(journal, Event.LEAVE, 1)[0] == 2
        assert times(journal, Event.LEAVE, 2)[0] == 6

    def test_a_part_goes_to_the_ready_machine_of_the_lowest_number(self) -> None:
        arrivals = {"kind": "interval", "interval": fixed(2)}
        journal = journal_of(line({"service": fixed(3), "machines": 3}, release=arrivals, horizon_s=9))
        starts = told(journal, Event.START)
        assert [(time_s, place) for time_s, _, _, place in starts] == [
            (2, "s0.1"),
            (4, "s0.2"),
            (6, "s0.1"),
            (8, "s0.2"),
        ]

    def test_those_that_wait_upstream_come_in_before_those_outside(self) -> None:
        types = [{"name": "long", "route": ["s0", "s1"]}, {"name": "short", "route": ["s1"]}]
        release = orders(("short", 0), ("long", 0), ("short", 0))
        journal = journal_of(line({}, {"service": fixed(5)}, release=release, part_types=types))
        # Part 1 waits at s0 from 1; when part 0 leaves at 5 it takes the machine before part 2, which came at 0.
        assert told(journal, Event.START)[1:] == [
            (0, "START", 1, "s0.1"),
            (5, "START", 1, "s1.1"),
            (10, "START", 2, "s1.1"),
        ]


class TestConveyor:
    def test_parts_travel_then_queue_up_at_its_end(self) -> None:
        belt = {"transport_time_s": 5, "capacity": 2}
        journal = journal_of(line({}, {"service": fixed(10), "buffer_places": 1, "conveyor": belt}, horizon_s=18))
        # 0 and 1 fill it at 2; 2 waits on its machine until 0 reaches the end, and the machine, at 6. 1 gets into the
        # buffer at 7, 2 to the end at 11, but into the buffer only when 1 leaves it at 16.
        assert times(journal, Event.CONVEY) == [1, 2, 6, 7, 16]
        assert times(journal, Event.QUEUE, place="s1.buffer") == [7, 16]
        assert times(journal, Event.START, place="s1.1") == [6, 16]
        assert times(journal, Event.LEAVE, 2)[0] == 6
        assert times(journal, Event.LEAVE, 4) == [16]


class TestKanban:
    def test_a_card_is_held_until_the_part_has_left_the_store(self) -> None:
        journal = journal_of(line({"kanban_cards": 1}, {"service": fixed(5)}, horizon_s=12))
        assert times(journal, Event.RELEASE) == [0, 1, 6, 11]
        assert times(journal, Event.STORE) == [2, 7]
        assert times(journal, Event.LEAVE, 1)[0] == 2, "the machine is free, but has no card"

    def test_two_cards_let_the_machine_work_on_while_one_part_is_in_the_store(self) -> None:
        journal = journal_of(line({"kanban_cards": 2}, {"service": fixed(5)}, horizon_s=10))
        assert times(journal, Event.RELEASE) == [0, 0, 1, 6]
        assert times(journal, Event.STORE) == [2, 3, 7]

    def test_a_kanban_release_gives_every_station_its_cards(self) -> None:
        stations = [{"service": fixed(2)}, {"service": fixed(3)}, {"kanban_cards": 1}]
        pulled = line(*stations, release={"kind": "kanban", "cards": 2})
        carded = line(*({"kanban_cards": 2, **station} for station in stations))
        assert journal_of(pulled) == journal_of(carded)

    def test_cards_bound_what_is_in_a_station_whatever_its_buffer(self) -> None:
        journal = journal_of(line({"kanban_cards": 3, "service": fixed(10), "buffer_places": 0}, horizon_s=5))
        assert times(journal, Event.RELEASE) == [0, 0, 0]


class TestDispatching:
    @pytest.mark.parametrize(
        ("rule", "sequence"),
        [("fifo", [0, 1, 2, 3, 4]), ("spt", [0, 1, 3, 2, 4]), ("edd", [0, 4, 3, 2, 1]), ("setup", [0, 2, 4, 1, 3])],
    )
    def test_rules(self, rule: str, sequence: list[int]) -> None:
        """Part 0 comes first and is loaded at once; the others wait."""
        station = {"buffer_places": None, "dispatching": rule, "setup": {"time": fixed(0)}}
        if rule == "setup":
            station["setup"] = {"time": fixed(1)}
        types = [
            {"name": "slow", "route": [{"station": "s0", "service": fixed(5)}]},
            {"name": "quick", "route": [{"station": "s0", "service": fixed(2)}]},
        ]
        release = orders(("slow", 0, 90), ("quick", 0, 80), ("slow", 0, 70), ("quick", 0, 60), ("slow", 0, 50))
        journal = journal_of(line(station, release=release, part_types=types))
        assert [part for _, _, part, _ in told(journal, Event.START)] == sequence

    def test_ties_go_to_the_one_that_came_first(self) -> None:
        for rule in ("spt", "edd"):
            station = {"buffer_places": None, "dispatching": rule}
            journal = journal_of(line(station, release=orders(*[("part", 0, 9)] * 4)))
            assert [part for _, _, part, _ in told(journal, Event.START)] == [0, 1, 2, 3]


class TestInspection:
    def test_a_rejected_part_without_rework_is_scrap(self) -> None:
        station = {"service": fixed(3), "defect_probability": 1, "inspection": {}}
        journal = journal_of(line(station, release=orders(("part", 0))))
        assert [event for _, event, _, _ in told(journal)] == [
            "RELEASE", "START", "FINISH", "DEFECT", "REJECT", "LEAVE", "SCRAP",
        ]  # fmt: skip
        assert told(journal, Event.SCRAP) == [(3, "SCRAP", 0, "type.part")]

    def test_what_is_not_detected_leaves_as_good(self) -> None:
        station = {"defect_probability": 1, "inspection": {"detection": 0}}
        journal = journal_of(line(station, release=orders(("part", 0))))
        assert told(journal, Event.DEFECT, Event.REJECT, Event.EXIT) == [
            (1, "DEFECT", 0, "s0.1"),
            (1, "EXIT", 0, "type.part"),
        ]

    def test_good_parts_are_rejected_by_false_alarm(self) -> None:
        journal = journal_of(line({"inspection": {"false_alarm": 1}}, release=orders(("part", 0))))
        assert times(journal, Event.SCRAP) == [1]

    def test_a_defect_of_an_earlier_station_is_found(self) -> None:
        journal = journal_of(line({"defect_probability": 1}, {"inspection": {}}, release=orders(("part", 0))))
        assert times(journal, Event.REJECT, place="s1.1") == [2]

    def test_rework_off_the_route_comes_back_to_be_inspected_again(self) -> None:
        press = {"defect_probability": 1, "inspection": {"rework": "s1", "most_reworks": 2}}
        types = [{"name": "cup", "route": ["s0"]}]
        scenario = line(press, {"service": fixed(4)}, release=orders(("cup", 0)), part_types=types)
        journal = journal_of(scenario)
        assert told(journal, Event.START, Event.REJECT, *EXITS) == [
            (0, "START", 0, "s0.1"),
            (1, "REJECT", 0, "s0.1"),
            (1, "START", 0, "s1.1"),
            (5, "START", 0, "s0.1"),
            (6, "REJECT", 0, "s0.1"),
            (6, "START", 0, "s1.1"),
            (10, "START", 0, "s0.1"),
            (11, "REJECT", 0, "s0.1"),
            (11, "SCRAP", 0, "type.cup"),
        ]

    def test_rework_on_the_route_goes_on_from_there(self) -> None:
        stations = [{}, {"service": fixed(2)}, {"inspection": {"false_alarm": 1, "rework": "s1"}}]
        journal = journal_of(line(*stations, release=orders(("part", 0))))
        assert [(time_s, place) for time_s, _, _, place in told(journal, Event.START)] == [
            (0, "s0.1"),
            (1, "s1.1"),
            (3, "s2.1"),
            (4, "s1.1"),
            (6, "s2.1"),
        ]
        assert times(journal, Event.SCRAP) == [7]

    def test_a_mended_part_is_good_again(self) -> None:
        stations = [{"defect_probability": 1}, {"inspection": {"rework": "s2"}}, {}]
        types = [{"name": "cup", "route": ["s0", "s1"]}]
        journal = journal_of(line(*stations, release=orders(("cup", 0)), part_types=types))
        assert times(journal, Event.REJECT) == [2]
        assert times(journal, Event.EXIT) == [4]
