"""Errors survive what is done to them on their way: SimPy makes them anew, processes pickle them."""

from __future__ import annotations

import inspect
import pickle
from typing import TYPE_CHECKING, Any

import pytest
import simpy

import simulators
from simulators import DocumentError, PolicyError, Problem, SimulatorError, errors

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SimulatorError)]
SAMPLES: dict[str, Callable[[], Any]] = {
    "CommandError": lambda: errors.CommandError("machine", 3, "must be ≤ 2"),
    "DeadlockError": lambda: errors.DeadlockError(3.0, ["press", "paint"], "give paint a buffer"),
    "DocumentError": lambda: DocumentError(Problem("a.yaml", 1, "b", "2", "is odd") for _ in range(2)),
    "EngineLimitError": lambda: errors.EngineLimitError("compiled", "production_line", "a policy"),
    "MemoryLimitError": lambda: errors.MemoryLimitError(1, 2, 3.0),
    "NoJournalError": errors.NoJournalError,
    "PolicyError": lambda: PolicyError("dispatch", "rule.py", 7, "answered 3"),
    "UnknownEngineError": lambda: errors.UnknownEngineError("steam", "production_line", ["simpy"]),
    "UnknownKindError": lambda: errors.UnknownKindError("circus", ["production_line"]),
    "UnknownKpiError": lambda: errors.UnknownKpiError("happiness", ["oee"]),
    "UnknownPolicyError": lambda: errors.UnknownPolicyError("happiness", "production_line", []),
}


def sample(kind: type[SimulatorError]) -> Any:
    return SAMPLES.get(kind.__name__, lambda: kind("what is wrong"))()


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_travels_with_all_that_it_says(kind: type[SimulatorError]) -> None:
    error = sample(kind)
    error.add_note("in a worker")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(again) is kind
    assert str(again) == str(error) != ""
    assert again.__dict__ == error.__dict__
    assert repr(again) == f"{kind.__name__}({str(error)!r})"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not DocumentError])
def test_an_error_leaves_a_process_of_simpy_as_it_was(kind: type[SimulatorError]) -> None:
    env = simpy.Environment()

    def process() -> Any:
        yield env.timeout(1)
        raise sample(kind)

    env.process(process())
    with pytest.raises(kind) as caught:
        env.run()
    assert str(caught.value) == str(sample(kind))
    assert caught.value.__dict__.keys() == sample(kind).__dict__.keys()


def test_every_error_is_on_the_face() -> None:
    assert set(errors.__all__) <= set(simulators.__all__)
    assert sorted(kind.__name__ for kind in KINDS) == sorted(set(errors.__all__) - {"Problem"})


def test_the_tree_is_drawn_whole() -> None:
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in drawn] == []
