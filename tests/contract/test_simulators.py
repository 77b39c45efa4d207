"""What every simulator keeps, whatever it simulates: one scenario of each kind is enough to test a new one."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from labs import Catalog
from simulators import KINDS, UnknownEngineError, UnknownKpiError, load_scenario, replicate, simulate
from simulators.simulation import engine_for

if TYPE_CHECKING:
    from simulators import Scenario


def scenarios() -> list[Scenario]:
    catalog = Catalog()
    shipped = [load_scenario(catalog.folder(slug) / "scenario.yaml") for slug in catalog]
    return shipped + [simulator.example() for simulator in KINDS.values()]


CASES = [
    pytest.param(scenario, engine, id=f"{scenario.kind}-{number}-{engine}")
    for number, scenario in enumerate(scenarios())
    for engine in KINDS[scenario.kind].engines
]


def test_every_kind_is_tested() -> None:
    assert {scenario.kind for scenario in scenarios()} == set(KINDS)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.kind)
def test_engines_give_the_same_journal(scenario: Scenario) -> None:
    engines = KINDS[scenario.kind].engines
    assert "simpy" in engines
    for seed in range(3):
        runs = [simulate(scenario, seed=seed, engine=engine) for engine in engines]
        assert all(run.journal == runs[0].journal for run in runs)
        assert all(run.kpis == runs[0].kpis for run in runs)


def test_auto_takes_the_compiled_engine() -> None:
    for scenario in scenarios():
        assert engine_for(scenario) == ("compiled" if "compiled" in KINDS[scenario.kind].engines else "simpy")


@pytest.mark.parametrize(("scenario", "engine"), CASES)
class TestSimulator:
    def test_same_seed_gives_the_same_journal(self, scenario: Scenario, engine: str) -> None:
        one = simulate(scenario, seed=3, replication=2, engine=engine)
        other = simulate(scenario, seed=3, replication=2, engine=engine)
        assert one.journal == other.journal
        assert one.kpis == other.kpis

    def test_other_seed_or_replication_gives_another_journal(self, scenario: Scenario, engine: str) -> None:
        digests = {
            simulate(scenario, seed=seed, replication=replication, engine=engine).journal.digest()
            for seed, replication in [(1, 0), (1, 1), (2, 0)]
        }
        assert len(digests) == 3

    def test_journal_is_in_order_and_within_the_run(self, scenario: Scenario, engine: str) -> None:
        journal = simulate(scenario, seed=1, engine=engine).journal
        assert len(journal) > 0
        assert (np.diff(journal.time_s) >= 0).all()
        assert journal.time_s[0] >= 0
        assert journal.time_s[-1] <= scenario.horizon_s
        assert (journal.place < len(journal.places)).all()

    def test_every_kpi_has_a_unit(self, scenario: Scenario, engine: str) -> None:
        assert all(kpi.unit for kpi in simulate(scenario, seed=1, engine=engine).kpis.values())

    def test_study_is_the_same_whoever_runs_it(self, scenario: Scenario, engine: str) -> None:
        here = replicate(scenario, replications=4, seed=8, engine=engine)
        with ProcessPoolExecutor(2) as executor:
            there = replicate(scenario, replications=4, seed=8, engine=engine, executor=executor)
        assert here.names == there.names
        assert here.values.tobytes() == there.values.tobytes()

    def test_more_replications_do_not_change_the_earlier_ones(self, scenario: Scenario, engine: str) -> None:
        few = replicate(scenario, replications=2, seed=8, engine=engine)
        many = replicate(scenario, replications=4, seed=8, engine=engine)
        assert few.values.tobytes() == many.values[:2].tobytes()

    def test_scenario_survives_a_round_trip(self, scenario: Scenario, engine: str) -> None:
        del engine
        assert type(scenario).model_validate_json(scenario.model_dump_json()) == scenario

    def test_unknown_names_are_named(self, scenario: Scenario, engine: str) -> None:
        with pytest.raises(UnknownEngineError, match="'steam'.*" + engine):
            simulate(scenario, seed=1, engine="steam")
        with pytest.raises(UnknownKpiError, match="happiness"):
            replicate(scenario, replications=1, seed=1, engine=engine).estimate("happiness")
