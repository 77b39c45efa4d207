"""With the journal off a run of any length needs the same memory, and with it on no more than it is given."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from simulators import KINDS, MemoryLimitError, simulate

CASES = [(kind, engine) for kind, simulator in KINDS.items() for engine in simulator.engines]

ENVIRONMENT = os.environ | {"PYTHONHASHSEED": "0"}
LONG_EVENTS = 500_000
GROWTH_BYTES = 2_500_000  # a journal of the long run would be four times that

# A quarter of it is the short run: by then queues have been about as long as they ever are.

# In a process of its own. What the heap holds free is given back first: growth would hide in it.
SCRIPT = """\
import ctypes, sys
from pathlib import Path
from simulators import KINDS, simulate

def peak_bytes(horizon_s):
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    simulate(example.model_copy(update={"horizon_s": horizon_s}), seed=1, engine=engine, journal=False)
    (peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return 1024 * int(peak.split()[1])

kind, engine, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
example = KINDS[kind].example()
rate = len(simulate(example, seed=1, engine=engine).journal) / example.horizon_s
long_s = max(events / rate, 10 * example.horizon_s)
peak_bytes(long_s / 4)
print(peak_bytes(long_s / 4), peak_bytes(long_s))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize(("kind", "engine"), CASES)
def test_memory_does_not_grow_with_the_run(kind: str, engine: str) -> None:
    command = [sys.executable, "-c", SCRIPT, kind, engine, str(LONG_EVENTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    short, long = map(int, done.stdout.split())
    assert long - short < GROWTH_BYTES


@pytest.mark.parametrize(("kind", "engine"), CASES)
def test_a_journal_that_outgrows_its_memory_is_told(kind: str, engine: str) -> None:
    with pytest.raises(
        MemoryLimitError, match=r"memory_bytes = 1,000 is full after .* events, at .* s of simulated time"
    ):
        simulate(KINDS[kind].example(), seed=1, engine=engine, memory_bytes=1000)
