"""The production line on SimPy: the model that people read, step, pause and let policies decide in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.production_line.simpy_engine.line import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.policy import Policy
    from simulators.production_line.scenario import ProductionLine
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["Line", "run"]


def run(scenario: ProductionLine, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    """Run the line from empty to its horizon.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.
    recorder
        Takes its events.
    policies
        Python functions that decide, by decision point; see :mod:`simulators.production_line.decisions`.

    Raises
    ------
    PolicyError
        A policy failed.
    DeadlockError
        Parts wait for one another in a ring.
    """
    recorder.run(Line(scenario, streams, recorder.record, policies).env, scenario.horizon_s)
