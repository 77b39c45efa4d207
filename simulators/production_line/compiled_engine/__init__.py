"""The production line compiled: the rules of :mod:`simulators.production_line.simpy_engine`, event by event, in Numba.

Both engines meet the same streams and schedule their events in the same order, so their journals are equal bit for
bit. The compiled loop stops whenever a table is nearly full or a block of random numbers is used up; Python then makes
room or draws the next block from NumPy's generator, and the loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.draw_blocks import new_blocks, refill
from simulators.event_heap import grown, new_heap
from simulators.production_line import serial_engine
from simulators.production_line.compiled_engine.building import built, grown_parts
from simulators.production_line.compiled_engine.deadlock import deadlock_of
from simulators.production_line.compiled_engine.loop import DEADLOCKED, DONE, PAUSED, begin, run_on
from simulators.production_line.places import Places
from simulators.recorder import PIECE_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.policy import Policy
    from simulators.production_line.scenario import ProductionLine
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["run"]

SMALLEST_BLOCK, LARGEST_BLOCK = 64, 4096  # random numbers drawn at a time from each stream
ROWS_A_STEP = 16


def run(scenario: ProductionLine, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    """Run the line from empty to its horizon; the events are the same as those of the SimPy engine.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.
    recorder
        Takes its events.
    policies
        None: this engine asks none.

    Raises
    ------
    DeadlockError
        Parts wait for one another in a ring.
    """
    del policies
    places = Places(scenario)
    if serial_engine.is_serial(scenario, places):
        serial_engine.run(scenario, places, streams, recorder)
        return
    line, draws = built(scenario, places, streams)
    blocks = new_blocks(draws, _block(scenario, len(draws)))
    kit = max((int(port["count"]) for port in line.ports), default=0) * len(line.ports)
    margin = ROWS_A_STEP + kit
    room = PIECE_ROWS + margin + len(line.machines)
    rows = recorder.room(room)
    heap = new_heap(64 + len(line.orders) + len(line.sources) + len(line.shifts) + 4 * len(line.machines))
    releases = [source.release for source in places.sources]
    orders = [order for release in releases if release.kind == "orders" for order in release.orders]
    begin(line, rows, blocks, heap, np.array([order.release_s for order in orders]))
    while True:
        status = run_on(line, rows, blocks, heap, scenario.horizon_s, margin)
        refill(blocks, draws)
        if status != PAUSED or rows.size[0] + margin > len(rows.time_s):
            recorder.written(int(rows.size[0]))
            rows = recorder.room(room)
        if status == DONE:
            return
        if status == DEADLOCKED:
            raise deadlock_of(scenario, places, line)
        if heap.size[0] + 4 > len(heap.time_s):
            heap = grown(heap)
        wanted = int(line.world[0]["slots_wanted"])
        if line.world[0]["free_count"] < max(2, wanted):
            line = grown_parts(line, wanted)
            line.world[0]["slots_wanted"] = 0


def _block(scenario: ProductionLine, streams: int) -> int:
    """Return how many numbers to draw at a time: about what the run needs, in at most some 64 MB."""
    services = [station.service.mean_s / station.machines for station in scenario.stations]
    parts = scenario.horizon_s / max(*services, 1e-9) if services else 0.0
    most = min(LARGEST_BLOCK, (1 << 23) // streams)
    return int(min(max(parts, SMALLEST_BLOCK), max(most, SMALLEST_BLOCK)))
