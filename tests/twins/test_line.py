"""What the scene of a line shows at a moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import Journal, simulate
from simulators.production_line import Event, Places, ProductionLine, State, example
from twins.gltf_motion import positions_m
from twins.layout import lay_out
from twins.line import STATE_COLORS, line_scene
from twins.machines import LOOKS, look_of
from twins.motion import spells
from twins.parts import part_look

if TYPE_CHECKING:
    from simulators import Run
    from twins.scene import Movers, Scene

START_S, END_S = 4000.0, 7600.0
TIMES = np.random.default_rng(2).uniform(START_S, END_S, 40)


def scene_of(run: Run) -> Scene:
    return line_scene(run.scenario, run.journal, START_S, END_S)


def named(scene: Scene, name: str) -> Movers:
    (found,) = (movers for movers in scene.movers if movers.name == name)
    return found


def parts_of(scene: Scene) -> Movers:
    """Return the parts of all types together."""
    mine = [movers for movers in scene.movers if movers.name.split()[0] == "parts"]
    columns = {
        column.name: np.concatenate([getattr(one, column.name) for one in mine])
        for column in fields(mine[0])
        if column.name not in {"name", "shape", "path"}
    }
    return replace(mine[0], **columns)


def count(run: Run, event: Event, time_s: float) -> int:
    return int(((run.journal.event == event) & (run.journal.time_s <= time_s)).sum())


def test_as_many_boards_are_shown_as_are_in_the_line_or_just_left_it(line_run: Run) -> None:
    parts = parts_of(scene_of(line_run))
    for time_s in TIMES:
        inside = count(line_run, Event.RELEASE, time_s) - count(line_run, Event.EXIT, time_s)
        just_out = count(line_run, Event.EXIT, time_s) - count(line_run, Event.EXIT, time_s - 8.0)
        assert parts.shown_at(time_s - START_S).sum() == inside + just_out > 0


def test_no_two_boards_rest_on_the_same_spot(pcb_run: Run) -> None:
    parts = parts_of(scene_of(pcb_run))
    exit_m = lay_out(pcb_run.scenario).exit_m
    for time_s in TIMES - START_S:
        resting = parts.shown_at(time_s) & (parts.arrive_s <= time_s) & (parts.to_m[:, 0] != exit_m)
        spots = parts.to_m[resting].round(3)
        assert len(np.unique(spots, axis=0)) == len(spots) > 0


def test_boards_set_off_where_they_stood(pcb_run: Run) -> None:
    """Every start of a movement is the end of one before it, or the entrance, or where the window found the board."""
    parts = parts_of(scene_of(pcb_run))
    ends = {tuple(row) for row in parts.to_m.round(6)}
    later = parts.appear_s > 0
    entrance = lay_out(pcb_run.scenario).entrance_m
    for row in parts.from_m[later].round(6):
        assert tuple(row) in ends or row[0] == entrance


def test_boards_arrive_before_they_leave(line_run: Run) -> None:
    parts = parts_of(scene_of(line_run))
    assert (parts.appear_s <= parts.arrive_s).all()
    assert (parts.arrive_s <= parts.vanish_s).all()


def test_one_lamp_a_machine_is_lit_and_it_tells_the_state(pcb_run: Run) -> None:
    scene = scene_of(pcb_run)
    lamps = named(scene, "lamps")
    places = Places(pcb_run.scenario)
    machines = [place for mine in places.machines for place in mine]
    for time_s in TIMES:
        now = lamps.shown_at(time_s - START_S)
        expected = []
        for place in machines:
            track = spells(pcb_run.journal, place, START_S, END_S)
            state = State(track.state[np.searchsorted(track.start_s, time_s, side="right") - 1])
            expected.append(int(STATE_COLORS[state].removeprefix("#"), 16))
        assert sorted(lamps.color[now]) == sorted(expected)
        red = lamps.color == int(STATE_COLORS[State.DOWN].removeprefix("#"), 16)
        np.testing.assert_array_equal(lamps.blink, red)


def test_every_state_has_its_own_height_on_the_tower(pcb_run: Run) -> None:
    lamps = named(scene_of(pcb_run), "lamps")
    layout = lay_out(pcb_run.scenario)
    first = lamps.to_m[:, 0] < layout.bays[2].before_m
    second = first & (lamps.to_m[:, 0] > layout.bays[1].before_m)
    heights = {color: set(lamps.to_m[second & (lamps.color == color), 1]) for color in set(lamps.color[second])}
    assert len(heights) >= 3
    assert len(set.union(*heights.values())) == len(heights)


def test_tools_move_only_while_their_machine_works(pcb_run: Run) -> None:
    tool = named(scene_of(pcb_run), "tool placement")
    (place,) = Places(pcb_run.scenario).machines[1]
    track = spells(pcb_run.journal, place, START_S, END_S)
    np.testing.assert_array_equal(tool.swing_m > 0, track.state == State.WORKING)
    assert (tool.swing_m > 0).any()
    assert (tool.swing_m == 0).any()


def test_bays_follow_one_another_without_overlap(pcb_run: Run) -> None:
    layout = lay_out(pcb_run.scenario)
    edge = layout.entrance_m
    for bay in layout.bays:
        for x in (bay.before_m, *reversed(bay.rack.columns_m), bay.machine_m - bay.look.length_m / 2):
            assert x > edge
            edge = x
        edge = bay.machine_m + bay.look.length_m / 2
    assert edge < layout.after_m < layout.exit_m


def test_parallel_machines_stand_side_by_side(pcb_run: Run) -> None:
    lanes = lay_out(pcb_run.scenario).bays[4].lanes_m
    assert len(set(lanes)) == 3
    assert sum(lanes) == pytest.approx(0)


def test_everything_that_moves_stays_in_the_frame(line_run: Run) -> None:
    scene = scene_of(line_run)
    low, high = np.array(scene.bounds_m)
    for movers in scene.movers:
        for end in (movers.from_m, movers.to_m):
            assert (end >= low).all()
            assert (end <= high).all()


def test_a_workshop_shows_as_many_parts_as_are_in_it_or_just_left_it(workshop_run: Run) -> None:
    parts = parts_of(scene_of(workshop_run))
    ends = (Event.EXIT, Event.SCRAP)
    for time_s in TIMES:
        gone = sum(count(workshop_run, event, time_s) for event in (*ends, Event.ASSEMBLE))
        just_out = sum(count(workshop_run, end, time_s) - count(workshop_run, end, time_s - 8.0) for end in ends)
        inside = count(workshop_run, Event.RELEASE, time_s) - gone
        assert parts.shown_at(time_s - START_S).sum() == inside + just_out > 0


def test_no_two_parts_of_a_workshop_rest_on_the_same_spot(workshop_run: Run) -> None:
    parts = parts_of(scene_of(workshop_run))
    layout = lay_out(workshop_run.scenario)
    shared = [bay.belt_at(np.array([99]))[0] for bay in layout.bays if bay.has_belt]
    shared += [bay.rack.slot_at(np.array([99]))[0] for bay in layout.bays if bay.rack.slots]
    for time_s in TIMES - START_S:
        resting = parts.shown_at(time_s) & (parts.arrive_s <= time_s) & (parts.to_m[:, 0] != layout.exit_m)
        spots = [tuple(spot) for spot in parts.to_m[resting].round(3)]
        own = [spot for spot in spots if not any(np.allclose(spot, last, atol=0.01) for last in shared)]
        assert len(set(own)) == len(own) > 0


def test_ways_that_do_not_lead_on_go_along_the_lane_before_the_machines(workshop_run: Run, pcb_run: Run) -> None:
    layout = lay_out(workshop_run.scenario)
    assert layout.return_m is not None
    assert layout.return_m > layout.lane_m + 0.75
    parts = parts_of(scene_of(workshop_run))
    over = (parts.to_m[:, 2] == layout.return_m) & (parts.from_m[:, 2] == layout.return_m)
    assert (over & (parts.to_m[:, 0] < parts.from_m[:, 0])).any()
    assert (over & (parts.to_m[:, 0] > parts.from_m[:, 0])).any()
    low = [bay.machine_m - bay.look.length_m / 2 for bay in layout.bays]
    high = [bay.machine_m + bay.look.length_m / 2 for bay in layout.bays]
    for ends in (parts.from_m[over, 0], parts.to_m[over, 0]):  # it changes lanes between the stations only
        assert not any(((left < ends) & (ends < right)).any() for left, right in zip(low, high, strict=True))
    assert lay_out(pcb_run.scenario).return_m is None


def test_every_part_on_the_lane_rides_on_a_vehicle(workshop_run: Run, pcb_run: Run) -> None:
    scene, layout = scene_of(workshop_run), lay_out(workshop_run.scenario)
    parts, agvs = parts_of(scene), named(scene, "agvs")
    rides = np.flatnonzero(
        (parts.to_m[:, 2] == layout.return_m)
        & (parts.from_m[:, 2] == layout.return_m)
        & (parts.arrive_s > parts.appear_s)
    )
    assert len(rides) > 20
    carried = {tuple(row) for row in np.column_stack([agvs.from_m, agvs.to_m, agvs.appear_s, agvs.arrive_s]).round(6)}
    for row in rides:
        ride = (*parts.from_m[row], *parts.to_m[row], parts.appear_s[row], parts.arrive_s[row])
        assert tuple(np.round(ride, 6)) in carried
    assert not any(movers.name == "agvs" for movers in scene_of(pcb_run).movers)


def test_vehicles_neither_jump_nor_vanish(workshop_run: Run) -> None:
    agvs = named(scene_of(workshop_run), "agvs")
    many = {int(agvs.shown_at(time_s).sum()) for time_s in TIMES - START_S}
    assert len(many) == 1
    ends = {(*place, when) for place, when in zip(map(tuple, agvs.to_m.round(6)), agvs.vanish_s.round(6), strict=True)}
    for place, when in zip(agvs.from_m.round(6), agvs.appear_s.round(6), strict=True):
        assert (*place, when) in ends or when <= 0


def test_types_of_parts_look_different(workshop_run: Run) -> None:
    scene = scene_of(workshop_run)
    shapes = {movers.name: movers.shape for movers in scene.movers if movers.name.startswith("parts ")}
    assert set(shapes) == {"parts gear", "parts shaft", "parts pin"}
    assert len(set(shapes.values())) == 3
    kinds = Counter(part_look(f"type_{number}", number) for number in range(8))
    assert max(kinds.values()) == 1


def test_parts_are_of_the_type_that_the_journal_says(workshop_run: Run) -> None:
    scene, journal = scene_of(workshop_run), workshop_run.journal
    places = Places(workshop_run.scenario)
    for number, name in enumerate(("gear", "shaft", "pin")):
        mine = journal.place == places.types[number]
        for time_s in TIMES[:10]:
            so_far = mine & (journal.time_s <= time_s)
            released, ended = (int((so_far & (journal.event == event)).sum()) for event in (Event.RELEASE, Event.EXIT))
            inside = released - ended - int((so_far & (journal.event == Event.SCRAP)).sum())
            if name != "pin":  # pins end within other parts
                ends = (journal.event == Event.EXIT) | (journal.event == Event.SCRAP)
                just_out = int((mine & ends & (journal.time_s <= time_s) & (journal.time_s > time_s - 8.0)).sum())
                assert named(scene, f"parts {name}").shown_at(time_s - START_S).sum() == inside + just_out


def test_somebody_stands_at_every_machine_that_needs_an_operator(workshop_run: Run) -> None:
    scene, layout, places = scene_of(workshop_run), lay_out(workshop_run.scenario), Places(workshop_run.scenario)
    team = named(scene, "crew team")
    mill, turn = 1, 2
    seen = 0
    for time_s in TIMES:
        for station, states in ((mill, {State.WORKING}), (turn, {State.SETUP})):
            for lane, place in zip(layout.bays[station].lanes_m, places.machines[station], strict=True):
                track = spells(workshop_run.journal, place, START_S, END_S)
                row = int(np.searchsorted(track.start_s, time_s, side="right")) - 1
                if State(track.state[row]) not in states:
                    continue
                (there,) = np.flatnonzero(team.shown_at(time_s - START_S))
                if team.arrive_s[there] > time_s - START_S:
                    continue  # on the way
                rested = min(6.0, 0.6 * (track.end_s[row] - track.start_s[row]))
                if time_s - track.start_s[row] > rested:
                    assert abs(team.to_m[there, 0] - layout.bays[station].machine_m) < 1e-6
                    assert 0 < team.to_m[there, 2] - lane - 0.75 < 0.6
                    seen += 1
    assert seen > 3


def test_a_crew_on_duty_has_as_many_people_as_members() -> None:
    line = example()
    run = simulate(line, seed=3)
    scene = line_scene(line, run.journal, 60.0, 2000.0)
    for crew in line.crews:
        members = named(scene, f"crew {crew.name}")
        for offset_s in np.random.default_rng(4).uniform(0, 1940, 60):
            shown = members.shown_at(offset_s).sum()
            off = crew.shift is not None and 500 < (60.0 + offset_s) % 1200 < 560
            assert shown <= crew.members if off else shown == crew.members
        came, went = (
            set(zip(map(tuple, places.round(2).tolist()), times.round(6).tolist(), strict=True))
            for places, times in ((members.from_m, members.appear_s), (members.to_m, members.vanish_s))
        )
        # Nobody jumps: who is not seen to come from where she stood comes to work, at the beginning of a shift.
        starts = {when for where, when in came - went if when > 0}
        assert starts <= {500.0, 1140.0, 1700.0}  # 60 s after the window's begin, of every cycle
        assert bool(starts) == (crew.shift is not None)


def test_who_is_off_duty_and_has_nothing_to_end_has_gone(workshop_run: Run) -> None:
    scene = line_scene(workshop_run.scenario, workshop_run.journal, 5900.0, 7100.0)
    team = named(scene, "crew team")
    assert team.shown_at(50.0).sum() == 1
    assert team.shown_at(1000.0).sum() == 0  # the shift ends at 6000 s and begins at 7000 s
    assert team.shown_at(1150.0).sum() == 1


def people_at(line: ProductionLine, journal: Journal, time_s: float, end_s: float) -> list[tuple[float, float]]:
    scene = line_scene(line, journal, time_s - 60.0, end_s)
    crews = [movers for movers in scene.movers if movers.name.startswith("crew ")]
    found = []
    for crew in crews:
        now = crew.chosen(np.flatnonzero(crew.shown_at(60.0)))
        found += [(round(x, 2), round(z, 2)) for x, _, z in positions_m(now, 60.0).tolist()]
    return sorted(found)


def test_people_stand_where_they_stood_when_more_is_known() -> None:
    """Who watches live sees them where a replay has them, whatever window is looked at."""
    line = example()
    journal = simulate(line, seed=3).journal
    same = 0
    times = np.random.default_rng(9).uniform(200, 2000, 30)
    for time_s in times:
        rows = int(np.searchsorted(journal.time_s, time_s, side="right"))
        columns = (journal.time_s, journal.event, journal.entity, journal.place)
        so_far = Journal(*(column[:rows] for column in columns), journal.places)
        live = people_at(line, so_far, time_s, time_s + 1.0)
        replayed = people_at(line, journal, time_s, time_s + 200.0)
        assert 1 <= len(live) == len(replayed) <= 3
        same += live == replayed
    assert same >= 0.8 * len(times)  # a walk is hurried where the next task comes before its end


def test_stations_machines_and_buffers_can_be_pointed_at(workshop_run: Run) -> None:
    scene = scene_of(workshop_run)
    texts = {target.name: target.text for target in scene.targets}
    assert len(texts) == len(scene.targets)
    assert texts["mill"].zh == "铣削"
    assert texts["mill.2"].zh == "铣削 设备 2"
    assert texts["turn.buffer"].en == "Turning buffer"
    assert texts["wash.conveyor"].en == "Wash conveyor"
    assert texts["lathe.store"].zh == "自动车床 看板库"
    assert texts["fit.components.pin"].en == "Fitting components: pin"
    places = Places(workshop_run.scenario)
    assert {places.names[place] for mine in places.machines for place in mine} <= set(texts)
    for target in scene.targets:
        assert (np.array(target.low_m) < np.array(target.high_m)).all()


def test_everything_that_moves_in_a_workshop_stays_in_the_frame(workshop_run: Run) -> None:
    scene = scene_of(workshop_run)
    low, high = np.array(scene.bounds_m)
    for movers in scene.movers:
        for end in (movers.from_m, movers.to_m):
            assert (end >= low).all(), movers.name
            assert (end <= high).all(), movers.name


def test_a_machine_off_its_shift_has_no_lamp_lit(workshop_run: Run) -> None:
    scene = line_scene(workshop_run.scenario, workshop_run.journal, 5000.0, 7600.0)
    lamps = named(scene, "lamps")
    machines = sum(station.machines for station in workshop_run.scenario.stations)
    assert lamps.shown_at(500.0).sum() == machines
    assert lamps.shown_at(1500.0).sum() == machines - 1  # the shift ends at 6000 s


def test_towers_have_lamps_for_what_can_happen_only(pcb_run: Run, workshop_run: Run) -> None:
    def heights(run: Run, number: int) -> int:
        bay = lay_out(run.scenario).bays[number]
        lamps = named(line_scene(run.scenario, run.journal, 0.0, run.scenario.horizon_s), "lamps")
        mine = abs(lamps.to_m[:, 0] - bay.machine_m) < bay.look.length_m / 2
        return len(set(lamps.to_m[mine, 1].round(3)))

    assert heights(pcb_run, 1) == 4  # down, blocked, working, starved
    assert heights(workshop_run, 2) == 6  # turning: besides set-up, waiting and maintenance, but it never fails


def test_looks_are_chosen_by_name() -> None:
    printer, cell = look_of("paste_printer_2"), look_of("station7")
    assert printer == LOOKS[0][1]()
    assert cell != printer


def test_a_line_of_one_station_without_label_or_buffer_has_a_scene(pcb_run: Run) -> None:
    data = pcb_run.scenario.model_dump()
    line = ProductionLine.model_validate(
        {**data, "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 30}}]}
    )
    run = simulate(line, seed=1)
    scene = line_scene(line, run.journal, 0.0, 600.0)
    assert [label.text.zh for label in scene.labels] == ["press"]
    assert named(scene, "parts").shown_at(32.0).sum() == 2  # one on the press, one just out
