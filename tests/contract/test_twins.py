"""What every twin keeps, whatever it is the twin of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import KINDS, CommandError, DeadlockError, Journal, simulate
from tests.contract.commanding import commands, names_in
from twins.errors import TimeError
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from simulators import Scenario

TWINS = [kind for kind, simulator in KINDS.items() if simulator.plant is not None]
Act = tuple[float, dict[str, Any]]

slow_machines = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def example(kind: str) -> Scenario:
    return KINDS[kind].example()


def state(twin: Twin) -> tuple[str, str, Any]:
    """All that can be told of a twin."""
    return twin.digest, json.dumps(twin.snapshot(), allow_nan=False), twin.given


def acts_on(kind: str) -> st.SearchStrategy[list[Act]]:
    """Commands with the moments at which they are given, in order."""
    scenario = example(kind)
    command = commands(scenario, Twin(scenario, seed=3).snapshot())
    moment = st.sampled_from([share / 20 * scenario.horizon_s for share in range(20)])
    return st.lists(st.tuples(moment, command), max_size=12).map(lambda acts: sorted(acts, key=lambda act: act[0]))


def live(twin: Twin, acts: Sequence[Act], to_s: float, stops_s: Sequence[float] = ()) -> None:
    """Let a twin go to a moment by way of all stops, and give it the commands of each moment before."""
    for stop_s in sorted({*stops_s, *(time_s for time_s, _ in acts), to_s}):
        if twin.time_s <= stop_s <= to_s:
            twin.advance(stop_s)
            for time_s, command in acts:
                if time_s == stop_s < to_s:
                    try:
                        twin.apply(command, who="somebody")
                    except CommandError:
                        continue


@pytest.mark.parametrize("kind", TWINS)
class TestTwins:
    def test_left_alone_it_does_what_a_simulation_does(self, kind: str) -> None:
        scenario = example(kind)
        run = simulate(scenario, seed=4, engine="simpy")
        twin = Twin(scenario, seed=4)
        for share in (0.1, 0.35, 0.35, 0.9, 1.0):
            twin.advance(share * scenario.horizon_s)
        assert twin.journal() == run.journal
        assert {name: repr(kpi) for name, kpi in twin.kpis().items()} == {
            name: repr(kpi) for name, kpi in run.kpis.items()
        }

    @slow_machines
    @given(data=st.data())
    def test_the_steps_make_no_difference(self, kind: str, data: st.DataObject) -> None:
        scenario = example(kind)
        acts = data.draw(acts_on(kind))
        stops_s = data.draw(st.lists(st.floats(0, scenario.horizon_s), max_size=20))
        one, other = Twin(scenario, seed=3), Twin(scenario, seed=3)
        to_s = data.draw(st.floats(0, scenario.horizon_s))
        try:
            live(one, acts, to_s)
        except DeadlockError:
            return
        live(other, acts, to_s, stops_s)
        assert [(g.number, g.time_s, g.command) for g in one.given] == [
            (g.number, g.time_s, g.command) for g in other.given
        ]
        assert state(one)[:2] == state(other)[:2]

    @slow_machines
    @given(data=st.data())
    def test_a_fork_and_a_resumed_twin_stand_where_it_stood(
        self, kind: str, data: st.DataObject, tmp_path: Path
    ) -> None:
        log = tmp_path / "twin.jsonl"
        log.unlink(missing_ok=True)
        scenario = example(kind)
        acts = data.draw(acts_on(kind))
        middle_s, end_s = sorted(data.draw(st.tuples(*[st.floats(0, scenario.horizon_s)] * 2)))
        try:
            with Twin(scenario, seed=3, log=log) as twin:
                live(twin, acts, middle_s)
                fork, stood = twin.fork(), state(twin)
            assert state(fork) == stood
            with Twin(scenario, seed=3, log=log) as resumed:
                assert state(resumed) == stood
                live(resumed, acts, end_s)
                live(fork, acts, end_s)
                assert state(resumed)[:2] == state(fork)[:2]
        except DeadlockError:
            return

    @slow_machines
    @given(data=st.data())
    def test_wound_back_it_is_as_if_nothing_had_come_after(
        self, kind: str, data: st.DataObject, tmp_path: Path
    ) -> None:
        log = tmp_path / "twin.jsonl"
        log.unlink(missing_ok=True)
        scenario = example(kind)
        acts = data.draw(acts_on(kind))
        moment_s = data.draw(st.sampled_from([share / 20 * scenario.horizon_s for share in range(20)]))
        fresh = Twin(scenario, seed=3)
        try:
            live(fresh, acts, moment_s)
            with Twin(scenario, seed=3, log=log) as twin:
                live(twin, acts, scenario.horizon_s)
                twin.rewind(moment_s, who="somebody")
                assert state(twin)[:2] == state(fresh)[:2]
                live(twin, acts, scenario.horizon_s / 2)
                stood = state(twin)
        except DeadlockError:
            return
        with Twin.resume(log) as resumed:
            assert state(resumed) == stood

    @slow_machines
    @given(data=st.data())
    def test_a_command_is_in_the_journal_and_a_refused_one_changes_nothing(
        self, kind: str, data: st.DataObject
    ) -> None:
        scenario = example(kind)
        twin = Twin(scenario, seed=3)
        for time_s, command in data.draw(acts_on(kind)):
            refusal: CommandError | None = None
            try:
                twin.advance(time_s)
                before = state(twin)
                given = twin.apply(command, who="teacher")
            except CommandError as error:
                refusal = error
            except DeadlockError:
                return
            if refusal is not None:
                assert state(twin) == before
                assert refusal.field in command
                assert str(refusal).startswith(f"{refusal.field} = {refusal.value!r}: ")
            else:
                events = type(scenario).__module__.rpartition(".")[0]
                code = __import__(f"{events}.events", fromlist=["Event"]).Event.COMMAND
                journal = twin.journal()
                mine = (journal.event == code) & (journal.entity == given.number)
                assert journal.time_s[mine].tolist() == [time_s]
                assert (given.who, given.time_s) == ("teacher", time_s)
                named = journal.places[int(journal.place[mine][0])] if journal.place[mine][0] >= 0 else ""
                assert not named or any(str(value) in named for value in command.values())
        assert twin.given == tuple(twin.given[number] for number in range(len(twin.given)))

    @slow_machines
    @given(data=st.data())
    def test_figures_bear_commands(self, kind: str, data: st.DataObject) -> None:
        scenario = example(kind)
        twin = Twin(scenario, seed=3)
        try:
            live(twin, data.draw(acts_on(kind)), scenario.horizon_s)
        except DeadlockError:
            return
        journal, meter = twin.journal(), KINDS[kind].meter(scenario)
        columns = (journal.time_s, journal.event, journal.entity, journal.place)
        for first in range(0, len(journal), 100):
            piece = [column[first : first + 100].copy() for column in columns]
            meter.add(Journal(*piece, journal.places))
        assert repr(sorted(meter.kpis().items())) == repr(sorted(twin.kpis().items()))

    def test_every_command_is_refused_where_it_makes_no_sense(self, kind: str) -> None:
        twin = Twin(example(kind), seed=1)
        before = state(twin)
        first = KINDS[kind].commands[0].model_fields
        words = {name: "nowhere" for name, field in first.items() if field.is_required()}
        words["command"] = first["command"].default
        for wrong, field, fault in (
            ({"command": "dance"}, "command", "value"),
            ({}, "command", "value"),
            ({**words, "colour": "red"}, "colour", "value"),
            (words, list(first)[1], "value"),
            ({**words, list(first)[1]: []}, list(first)[1], "type"),
        ):
            with pytest.raises(CommandError) as caught:
                twin.apply(wrong, who="teacher")
            assert (caught.value.field, caught.value.fault) == (field, fault)
        with pytest.raises(CommandError, match="1 to 200 characters"):
            twin.apply({"command": "dance"}, who="")
        assert state(twin) == before

    def test_its_time_has_bounds(self, kind: str) -> None:
        scenario = example(kind)
        twin = Twin(scenario, seed=1)
        twin.advance(scenario.horizon_s / 2)
        with pytest.raises(TimeError, match="horizon_s is the end"):
            twin.advance(scenario.horizon_s * 1.01)
        with pytest.raises(TimeError, match=r"to go back use rewind\(\)"):
            twin.advance(scenario.horizon_s / 4)
        with pytest.raises(TimeError, match=r"to go on use advance\(\)"):
            twin.rewind(scenario.horizon_s)

    def test_its_snapshot_names_what_commands_may_name(self, kind: str) -> None:
        scenario = example(kind)
        places = " ".join(KINDS[kind].places(scenario))
        names = names_in(Twin(scenario, seed=1).snapshot())
        assert names
        assert all(name in places for thing, some in names.items() if thing not in ("release", "crew") for name in some)
