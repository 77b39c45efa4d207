"""The compute cluster compiled: the rules of :mod:`simulators.compute_cluster.simpy_engine`, event by event, in Numba.

Both engines read the same jobs, meet the same streams and schedule their events in the same order, so their journals
are equal bit for bit. Here the state lies in flat arrays. The compiled loop stops whenever an array is nearly full or a
block of jobs or random numbers is used up; Python then makes room or draws the next block, and the loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.compiled_intake import Intake
from simulators.compute_cluster.compiled_loop import begin, go_on
from simulators.compute_cluster.compiled_state import (
    EXHAUSTED,
    LISTS_ARE_SHORT,
    NEED,
    NEXT_JOB,
    PROMISES_ARE_SHORT,
    ROWS_ARE_SHORT,
    new_state,
    with_longer_lists,
    with_more_promises,
    with_more_rows,
)
from simulators.compute_cluster.layout import layout
from simulators.draw_blocks import refill
from simulators.event_heap import grown
from simulators.recorder import PIECE_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.event_heap import EventHeap
    from simulators.policy import Policy
    from simulators.recorder import Recorder
    from simulators.streams import Streams

    Draws = Callable[[int], NDArray[np.float64]]

__all__ = ["run"]


def run(scenario: ComputeCluster, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    """Run the cluster from empty until its last job has ended, or to its horizon.

    Parameters
    ----------
    scenario
        The cluster.
    streams
        Where its random numbers come from.
    recorder
        Takes its events; they are the same as those of the SimPy engine.
    policies
        None: this engine asks none.
    """
    del policies
    draws = _draws(scenario, streams)
    plan = layout(scenario)
    intake = Intake(scenario, plan, streams)
    state = intake.more(new_state(scenario, plan, draws, recorder))
    begin(state)
    done = False
    while not done:
        done = go_on(state, scenario.horizon_s)
        refill(state.blocks, draws)
        if state.whole[NEXT_JOB] == len(state.job) and not state.whole[EXHAUSTED]:
            state = intake.more(state)
        need = int(state.whole[NEED])
        if done or state.buffer.size[0] + need > len(state.buffer.time_s):
            recorder.written(int(state.buffer.size[0]))
            state = state._replace(buffer=recorder.room(PIECE_ROWS + 2 * need))
        state = state._replace(
            end_heap=_roomy(state.end_heap, need),
            node_heap=_roomy(state.node_heap, need),
            turn_heap=_roomy(state.turn_heap, need),
        )
        if state.whole[LISTS_ARE_SHORT]:
            state = with_longer_lists(state)
        if state.whole[PROMISES_ARE_SHORT]:
            state = with_more_promises(state)
        if state.whole[ROWS_ARE_SHORT]:
            state = with_more_rows(state)


def _roomy(heap: EventHeap, need: int) -> EventHeap:
    while heap.size[0] + need > len(heap.time_s):
        heap = grown(heap)
    return heap


def _draws(scenario: ComputeCluster, streams: Streams) -> list[Draws]:
    """Return what draws from every stream of failures: nodes, then racks; up time, then repair time."""
    found: list[Draws] = []
    for one in scenario.node_types:
        if one.failures is not None:
            for number in range(one.nodes):
                name = f"node.{one.name}.{number + 1}"
                found.append(streams.draws(f"{name}.up_time", one.failures.up_time))
                found.append(streams.draws(f"{name}.repair_time", one.failures.repair_time))
    for one in scenario.node_types:
        if one.rack_failures is not None:
            for number in range(one.racks):
                name = f"rack.{one.name}.{number + 1}"
                found.append(streams.draws(f"{name}.up_time", one.rack_failures.up_time))
                found.append(streams.draws(f"{name}.repair_time", one.rack_failures.repair_time))
    return found
