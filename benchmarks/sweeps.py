"""How a study gains from workers: the lab scenario, compiled, by every executor, in wall-clock time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from labs import Catalog
from simulators import DaskExecutor, ProcessExecutor, SerialExecutor, replicate

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Executor

__all__ = ["measure"]

LAB = "pcb-bottleneck"


def measure(say: Callable[[str], None], replications: int = 4000) -> dict[str, Any]:
    """Time the same study on every executor with one and with two workers, workers started beforehand.

    Parameters
    ----------
    say
        Told what is being timed.
    replications
        Of each study.

    Returns
    -------
    ``sweep``: a row an executor and number of workers, with ``ratio`` to its one worker; ``bytes_equal``.
    """
    scenario = Catalog().lab(LAB).scenario
    executors: list[tuple[str, int, Executor]] = [
        ("serial", 1, SerialExecutor()),
        *(("processes", workers, ProcessExecutor(workers)) for workers in (1, 2)),
        *(("dask", workers, DaskExecutor(None, workers)) for workers in (1, 2)),
    ]
    rows: list[dict[str, Any]] = []
    results = set()
    alone: dict[str, float] = {}
    for name, workers, executor in executors:
        say(f"{name}, {workers} of 2 workers")
        with executor:
            replicate(scenario, replications=8, seed=0, executor=executor)  # workers are up and have compiled
            begin = time.perf_counter()
            study = replicate(scenario, replications=replications, seed=1, executor=executor)
            wall_s = time.perf_counter() - begin
        results.add(study.values.tobytes())
        alone.setdefault(name, wall_s)
        rate = replications / wall_s
        rows.append({"executor": name, "workers": workers, "replications_per_s": rate, "ratio": alone[name] / wall_s})
    return {"sweep": rows, "replications": replications, "bytes_equal": len(results) == 1}
