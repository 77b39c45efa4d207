"""The serial line compiled: the lines that most lessons and most papers are about, in a loop of their own.

A line of single machines in a row, without people, set-ups, conveyors or inspection, needs no records of parts, no
lists of who waits, and no general event list: its loop takes less than half the time of the general one in
:mod:`simulators.production_line.compiled_engine`, which hands such lines on. The journal is the same bit for bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.draw_blocks import new_blocks, refill
from simulators.production_line.serial_engine.loop import DONE, begin, run_on
from simulators.production_line.serial_engine.state import built, is_serial
from simulators.recorder import PIECE_ROWS

if TYPE_CHECKING:
    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["is_serial", "run"]

LARGEST_BLOCK = 4096  # random numbers drawn at a time from each stream
ROWS_A_STATION = 4  # of one event: a part leaves it, another starts; one is queued, one is let in


def run(scenario: ProductionLine, places: Places, streams: Streams, recorder: Recorder) -> None:
    """Run a serial line from empty to its horizon."""
    line, draws, likely = built(scenario, places, streams)
    blocks = new_blocks(draws, LARGEST_BLOCK, likely)
    margin = ROWS_A_STATION * (len(line.stations) + 1)
    begin(line, blocks)
    status = None
    while status != DONE:
        rows = recorder.room(PIECE_ROWS + margin)
        status = run_on(line, rows, blocks, scenario.horizon_s, margin)
        refill(blocks, draws)
        recorder.written(int(rows.size[0]))
