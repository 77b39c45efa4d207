"""Which simulators there are: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulators import production_line
from simulators.document import problems_of, read_mapping
from simulators.errors import DocumentError, UnknownKindError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from simulators.journal import Journal
    from simulators.kpi import Kpi
    from simulators.scenario import Scenario
    from simulators.streams import Streams

from pydantic import ValidationError

__all__ = ["KINDS", "Simulator", "load_scenario", "simulator_of"]


@dataclass(frozen=True)
class Simulator:
    """Everything the kernel asks of a simulator.

    Parameters
    ----------
    scenario
        Its scenario model.
    engines
        Engines by name; each runs a scenario with its streams and returns the journal.
    kpis
        Measures a journal.
    example
        Makes a small scenario that uses every feature: compiled ahead, and tested by the contract.
    """

    scenario: type[Scenario]
    engines: Mapping[str, Callable[[Any, Streams], Journal]]
    kpis: Callable[[Any, Journal], dict[str, Kpi]]
    example: Callable[[], Scenario]


KINDS: dict[str, Simulator] = {
    "production_line": Simulator(
        production_line.ProductionLine,
        {"simpy": production_line.simpy_engine.run, "compiled": production_line.compiled_engine.run},
        production_line.kpis,
        production_line.example,
    ),
}


def simulator_of(scenario: Scenario) -> Simulator:
    """Return the simulator that serves a scenario.

    Raises
    ------
    UnknownKindError
        No simulator serves its kind.
    """
    try:
        return KINDS[scenario.kind]
    except KeyError:
        raise UnknownKindError(scenario.kind, KINDS) from None


def load_scenario(path: Path | str) -> Scenario:
    """Read a scenario file of any kind.

    Parameters
    ----------
    path
        A ``scenario.yaml``.

    Returns
    -------
    The frozen scenario.

    Raises
    ------
    DocumentError
        The file does not hold a scenario; names file, line, field, value and bound.
    UnknownKindError
        Its ``kind`` is missing or not one of ours.
    """
    data, node = read_mapping(path)
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise UnknownKindError(kind, KINDS)
    try:
        return KINDS[kind].scenario.model_validate(data)
    except ValidationError as error:
        raise DocumentError(problems_of(error, str(path), node)) from error
