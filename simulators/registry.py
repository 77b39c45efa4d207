"""Which simulators there are: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulators import compute_cluster, heritage_garden, production_line
from simulators.document import problems_of, read_mapping
from simulators.errors import DocumentError, UnknownKindError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators.command import Command, Plant
    from simulators.kpi import Meter
    from simulators.policy import Policy
    from simulators.recorder import Recorder
    from simulators.scenario import Scenario
    from simulators.streams import Streams

    Engine = Callable[[Any, Streams, Recorder, Mapping[str, Policy]], None]

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
        Engines by name; each runs a scenario with its streams, writes the events to the recorder, and asks the
        policies, by decision point, where there are any.
    places
        Names of the places that a scenario's events may name.
    meter
        Makes what measures a run of a scenario.
    example
        Makes a small scenario that uses every feature: compiled ahead, and tested by the contract.
    decisions
        The decision points at which a policy may be asked.
    plant
        Makes a plant at its beginning that can be moved on step by step, commanded and looked at; None: there is none.
    commands
        What may be done to it.
    others
        Make scenarios that the compiled engine runs by other code than the example: compiled ahead and tested as well.
    """

    scenario: type[Scenario]
    engines: Mapping[str, Engine]
    places: Callable[[Any], tuple[str, ...]]
    meter: Callable[[Any], Meter]
    example: Callable[[], Scenario]
    decisions: tuple[str, ...] = ()
    plant: Callable[[Any, Streams, Recorder], Plant] | None = None
    commands: tuple[type[Command], ...] = ()
    others: tuple[Callable[[], Scenario], ...] = ()


KINDS: dict[str, Simulator] = {
    "compute_cluster": Simulator(
        compute_cluster.ComputeCluster,
        {"simpy": compute_cluster.simpy_engine.run, "compiled": compute_cluster.compiled_engine.run},
        compute_cluster.places,
        compute_cluster.ClusterMeter,
        compute_cluster.example,
        compute_cluster.DECISIONS,
        compute_cluster.RunningCluster,
        compute_cluster.COMMANDS,
    ),
    "heritage_garden": Simulator(
        heritage_garden.HeritageGarden,
        {"simpy": heritage_garden.simpy_engine.run, "compiled": heritage_garden.compiled_engine.run},
        heritage_garden.places,
        heritage_garden.GardenMeter,
        heritage_garden.example,
        heritage_garden.DECISIONS,
        heritage_garden.RunningGarden,
        heritage_garden.COMMANDS,
    ),
    "production_line": Simulator(
        production_line.ProductionLine,
        {"simpy": production_line.simpy_engine.run, "compiled": production_line.compiled_engine.run},
        production_line.places,
        production_line.LineMeter,
        production_line.example,
        production_line.DECISIONS,
        production_line.RunningLine,
        production_line.COMMANDS,
        (production_line.serial_example,),
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
        # Data files that the scenario names lie beside it.
        return KINDS[kind].scenario.model_validate(data, context={"folder": Path(path).parent})
    except ValidationError as error:
        raise DocumentError(problems_of(error, str(path), node)) from error
