"""What every simulator keeps, whatever it simulates: one scenario of each kind is enough to test a new one."""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from labs import Catalog
from simulators import (
    KINDS,
    EngineLimitError,
    Journal,
    PolicyError,
    UnknownEngineError,
    UnknownKpiError,
    UnknownPolicyError,
    load_scenario,
    replicate,
    simulate,
)
from simulators.distributions import Distribution
from simulators.simulation import engine_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simulators import Kpi, Run, Scenario

LONGEST_S = 30_000.0
ANY_DISTRIBUTION: TypeAdapter[Any] = TypeAdapter(Distribution)


def scenarios() -> list[Scenario]:
    catalog = Catalog()
    shipped = [shortened(load_scenario(catalog.folder(slug) / "scenario.yaml")) for slug in catalog]
    made = [make() for simulator in KINDS.values() for make in (simulator.example, *simulator.others)]
    return shipped + made


def shortened(scenario: Scenario) -> Scenario:
    """Return a scenario that ends after some hours: SimPy would need minutes for days with thousands of visitors."""
    return scenario.model_copy(update={"horizon_s": min(scenario.horizon_s, LONGEST_S)})


def figures(kpis: Mapping[str, Kpi]) -> dict[str, tuple[str, str]]:
    """KPIs to be compared bit for bit; a figure that is missing (NaN) equals another one."""
    return {name: (float(kpi.value).hex(), kpi.unit) for name, kpi in kpis.items()}


CASES = [
    pytest.param(scenario, engine, id=f"{scenario.kind}-{number}-{engine}")
    for number, scenario in enumerate(scenarios())
    for engine in KINDS[scenario.kind].engines
]
DECISIONS = [
    pytest.param(kind, point, id=f"{kind}-{point}")
    for kind, simulator in KINDS.items()
    for point in simulator.decisions
]


def test_every_kind_is_tested() -> None:
    assert {scenario.kind for scenario in scenarios()} == set(KINDS)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.kind)
def test_engines_give_the_same_journal(scenario: Scenario) -> None:
    engines = KINDS[scenario.kind].engines
    assert "simpy" in engines
    for seed in range(3):
        check_same(simulate(scenario, seed=seed, engine=engine) for engine in engines)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.kind)
def test_engines_give_the_same_journal_in_antithetic_pairs(scenario: Scenario) -> None:
    engines = KINDS[scenario.kind].engines
    digests = {simulate(scenario, seed=5).journal.digest()}
    for replication in range(2):
        runs = [
            simulate(scenario, seed=5, replication=replication, engine=engine, antithetic=True) for engine in engines
        ]
        check_same(iter(runs))
        digests.add(runs[0].journal.digest())
    assert len(digests) == 3


def check_same(runs: Iterator[Run]) -> None:
    first = next(runs)
    for run in runs:
        assert run.journal == first.journal
        assert figures(run.kpis) == figures(first.kpis)


def test_auto_takes_the_compiled_engine() -> None:
    for scenario in scenarios():
        assert engine_for(scenario) == ("compiled" if "compiled" in KINDS[scenario.kind].engines else "simpy")


@pytest.mark.parametrize(("scenario", "engine"), CASES)
class TestSimulator:
    def test_same_seed_gives_the_same_journal(self, scenario: Scenario, engine: str) -> None:
        check_same(simulate(scenario, seed=3, replication=2, engine=engine) for _ in range(2))

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

    def test_figures_do_not_depend_on_whether_the_journal_is_kept(self, scenario: Scenario, engine: str) -> None:
        kept = simulate(scenario, seed=4, engine=engine)
        assert figures(simulate(scenario, seed=4, engine=engine, journal=False).kpis) == figures(kept.kpis)

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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_figures_do_not_depend_on_the_pieces_in_which_events_come(kind: str, rows: int) -> None:
    scenario = KINDS[kind].example()
    run = simulate(scenario, seed=6)
    meter = KINDS[kind].meter(scenario)
    journal = run.journal
    for first in range(0, len(journal), rows):
        piece = Journal(
            *(column[first : first + rows].copy() for column in (journal.time_s, journal.event, journal.entity)),
            journal.place[first : first + rows].copy(),
            journal.places,
        )
        meter.add(piece)
        for column in (piece.time_s, piece.event, piece.entity, piece.place):
            column[:] = 0  # the columns are written over once they have been counted
    assert figures(meter.kpis()) == figures(run.kpis)


SUBSTITUTES: dict[str, Any] = {
    "deterministic": lambda mean_s: {"value_s": mean_s},
    "uniform": lambda mean_s: {"low_s": 0.5 * mean_s, "high_s": 1.5 * mean_s},
    "triangular": lambda mean_s: {"low_s": 0.5 * mean_s, "mode_s": mean_s, "high_s": 1.5 * mean_s},
    "exponential": lambda mean_s: {"mean_s": mean_s},
    "gamma": lambda mean_s: {"shape": 3.0, "mean_s": mean_s},
    "lognormal": lambda mean_s: {"mean_s": mean_s, "cv": 0.4},
    "weibull": lambda mean_s: {"shape": 2.0, "scale_s": mean_s / 0.886},
    "truncated_normal": lambda mean_s: {"parent_mean_s": mean_s, "parent_sd_s": 0.3 * mean_s},
    "empirical": lambda mean_s: {"values_s": [0.6 * mean_s, mean_s, 1.4 * mean_s], "interpolate": True},
}


def test_every_distribution_has_a_substitute() -> None:
    assert set(SUBSTITUTES) == set(ANY_DISTRIBUTION.json_schema()["discriminator"]["mapping"])


def replaced(part: Any, kind: str) -> Any:
    """A scenario's data with every distribution of a positive mean replaced by another kind of the same mean."""
    if isinstance(part, dict):
        try:
            mean_s = ANY_DISTRIBUTION.validate_python(part).mean_s
        except ValidationError:
            return {name: replaced(value, kind) for name, value in part.items()}
        return {"kind": kind, **SUBSTITUTES[kind](mean_s)} if mean_s > 0 else part
    if isinstance(part, list | tuple):
        return [replaced(value, kind) for value in part]
    return part


@pytest.mark.parametrize("distribution", SUBSTITUTES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_distribution_is_taken_and_drawn_alike_by_all_engines(kind: str, distribution: str) -> None:
    simulator = KINDS[kind]
    data = simulator.example().model_dump(mode="json")
    data = replaced(data, distribution)
    assert repr(distribution) in repr(data)
    scenario = simulator.scenario.model_validate(data)
    for antithetic in (False, True):
        check_same(simulate(scenario, seed=2, engine=engine, antithetic=antithetic) for engine in simulator.engines)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_decision_is_refused(kind: str) -> None:
    with pytest.raises(UnknownPolicyError, match=f"policy 'happiness' is not a decision of {kind}; "):
        simulate(KINDS[kind].example(), seed=1, policies={"happiness": max})


@pytest.mark.parametrize(("kind", "point"), DECISIONS)
class TestDecisions:
    def test_only_simpy_asks(self, kind: str, point: str) -> None:
        example = KINDS[kind].example()
        assert engine_for(example, policies=[point]) == "simpy"
        for engine in set(KINDS[kind].engines) - {"simpy"}:
            words = f"engine = '{engine}' cannot run {kind} with a Python policy for '{point}'; use engine = 'simpy'"
            with pytest.raises(EngineLimitError, match=words):
                simulate(example, seed=1, engine=engine, policies={point: max})

    def test_what_goes_wrong_is_told_with_the_policys_own_line(self, kind: str, point: str) -> None:
        def wrong(*question: object) -> object:
            del question
            raise ValueError("no idea")  # noqa: EM101 - as a student writes

        line = wrong.__code__.co_firstlineno + 2
        with pytest.raises(PolicyError, match="ValueError: no idea") as caught:
            simulate(KINDS[kind].example(), seed=1, policies={point: wrong})
        assert (caught.value.point, caught.value.file, caught.value.line) == (point, __file__, line)
        with pytest.raises(PolicyError, match=re.escape(f"policy '{point}', {__file__}, line {line}: ")):
            replicate(KINDS[kind].example(), replications=1, seed=1, policies={point: wrong})

    def test_an_answer_that_makes_no_sense_is_refused(self, kind: str, point: str) -> None:
        class Nonsense:
            pass

        def wrong(*question: object) -> object:
            del question
            return Nonsense()

        with pytest.raises(PolicyError, match=rf"policy '{point}', .*answered .*Nonsense.*; it must be ") as caught:
            simulate(KINDS[kind].example(), seed=1, policies={point: wrong})
        assert caught.value.file == __file__
