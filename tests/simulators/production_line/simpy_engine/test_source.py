"""Releases, by journals worked out by hand."""

from __future__ import annotations

import numpy as np
from production_lines import fixed, journal_of, line, orders, times, told

from simulators.distributions import UNIT
from simulators.production_line import Event
from simulators.streams import Streams


def test_arrivals_wait_outside_of_a_full_line_and_keep_their_order() -> None:
    release = {"kind": "interval", "interval": fixed(1)}
    journal = journal_of(line({"service": fixed(3)}, release=release, horizon_s=31))
    assert journal.entity[journal.event == Event.RELEASE].tolist() == list(range(10))
    assert times(journal, Event.RELEASE) == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]


def test_constant_wip_is_never_exceeded_and_always_reached() -> None:
    stations = [{"service": {"kind": "exponential", "mean_s": 1}, "buffer_places": None} for _ in range(3)]
    scenario = line(*stations, release={"kind": "constant_wip", "parts": 5}, horizon_s=500)
    journal = journal_of(scenario, seed=2)
    wip = np.cumsum(np.where(journal.event == Event.RELEASE, 1, 0) - np.where(journal.event == Event.EXIT, 1, 0))
    assert wip.max() == 5
    assert wip[journal.time_s > 0].min() == 4  # between an exit and the release that it causes


def test_constant_wip_counts_the_parts_of_each_release_by_themselves() -> None:
    types = [
        {"name": "a", "route": ["s0"], "release": {"kind": "constant_wip", "parts": 2}},
        {"name": "b", "route": ["s0"], "release": {"kind": "constant_wip", "parts": 1}},
    ]
    station = {"buffer_places": None, "service": fixed(4)}
    journal = journal_of(line(station, release=None, part_types=types, horizon_s=13))
    assert [(time_s, place) for time_s, _, _, place in told(journal, Event.RELEASE)] == [
        (0, "type.a"),
        (0, "type.a"),
        (0, "type.b"),
        (4, "type.a"),
        (8, "type.a"),
        (12, "type.b"),
    ]


def test_scrap_lets_the_next_part_into_a_line_of_constant_wip() -> None:
    station = {"defect_probability": 1, "inspection": {}, "buffer_places": None}
    journal = journal_of(line(station, release={"kind": "constant_wip", "parts": 1}, horizon_s=3.5))
    assert times(journal, Event.RELEASE) == [0, 1, 2, 3]


class TestOrders:
    def test_parts_of_an_order_have_numbers_that_follow_one_another(self) -> None:
        release = {
            "kind": "orders",
            "orders": [
                {"part_type": "part", "quantity": 2, "release_s": 5, "due_s": 9},
                {"part_type": "part", "quantity": 3, "release_s": 0, "due_s": 9},
            ],
        }
        journal = journal_of(line({"buffer_places": None, "service": fixed(2)}, release=release))
        assert [(time_s, part) for time_s, _, part, _ in told(journal, Event.RELEASE)] == [
            (0, 2),
            (0, 3),
            (0, 4),
            (5, 0),
            (5, 1),
        ]

    def test_numbers_of_ordered_parts_come_before_all_others(self) -> None:
        types = [
            {"name": "a", "route": ["s0"], "release": {"kind": "interval", "interval": fixed(3)}},
            {"name": "b", "route": ["s0"], "release": orders(("b", 4), ("b", 8))},
        ]
        journal = journal_of(line({}, release=None, part_types=types, horizon_s=10))
        assert [part for _, _, part, _ in told(journal, Event.RELEASE)] == [2, 0, 3, 1, 4]

    def test_the_first_that_waits_holds_up_those_behind_it(self) -> None:
        types = [{"name": "a", "route": ["s0"]}, {"name": "b", "route": ["s1"]}]
        release = orders(("a", 0), ("a", 0), ("b", 0))
        journal = journal_of(line({"service": fixed(5)}, {}, release=release, part_types=types))
        assert times(journal, Event.RELEASE) == [0, 5, 5]  # although s1 is free all the time


class TestMix:
    TYPES = ({"name": "a", "route": ["s0"], "share": 3}, {"name": "b", "route": ["s0"]}, {"name": "c", "route": ["s0"]})

    def test_types_are_drawn_by_their_shares(self) -> None:
        journal = journal_of(line({}, part_types=self.TYPES, horizon_s=1000), seed=5)
        luck = Streams(5).draws("release.part_type", UNIT)(1000)
        released = [place for _, _, _, place in told(journal, Event.RELEASE)]
        assert released == ["type.a" if u < 0.6 else "type.b" if u < 0.8 else "type.c" for u in luck]

    def test_arrivals_are_drawn_the_same_way(self) -> None:
        release = {"kind": "interval", "interval": fixed(2)}
        pushed = journal_of(line({}, part_types=self.TYPES, release=release, horizon_s=1001), seed=5)
        drawn_in = journal_of(line({}, part_types=self.TYPES, horizon_s=500), seed=5)
        kinds = [[place for _, _, _, place in told(journal, Event.RELEASE)] for journal in (pushed, drawn_in)]
        assert kinds[0] == kinds[1]

    def test_a_release_of_its_own_takes_a_type_out_of_the_mix(self) -> None:
        types = [self.TYPES[0], {**self.TYPES[1], "release": orders(("b", 3))}]
        release = {"kind": "interval", "interval": fixed(2)}
        journal = journal_of(line({}, release=release, part_types=types, horizon_s=7))
        assert [(time_s, place) for time_s, _, _, place in told(journal, Event.RELEASE)] == [
            (2, "type.a"),
            (3, "type.b"),
            (4, "type.a"),
            (6, "type.a"),
        ]

    def test_where_two_releases_compete_the_line_s_own_comes_first(self) -> None:
        types = [self.TYPES[0], {**self.TYPES[1], "release": orders(("b", 0))}]
        journal = journal_of(line({}, part_types=types, horizon_s=6))
        assert {place for _, _, _, place in told(journal, Event.RELEASE)} == {"type.a"}
