"""Compile every engine ahead: ``python -m simulators.compilation``, once after an installation.

Numba keeps what it has compiled on disk, so that the first run of a session need not wait for the compiler. Kinds are
compiled side by side, each in a process of its own: ``python -m simulators.compilation KIND`` compiles one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from simulators.machine_code import remove_stale
from simulators.registry import KINDS
from simulators.simulation import simulate

__all__ = ["compile_all", "compile_kind"]


def compile_kind(kind: str) -> None:
    """Run the examples of a kind on its compiled engine, if it has one."""
    simulator = KINDS[kind]
    if "compiled" in simulator.engines:
        for example in (simulator.example, *simulator.others):
            simulate(example(), seed=0, engine="compiled")


def compile_all() -> None:
    """Compile every kind, as many at a time as there are cores, and forget what older code was.

    Raises
    ------
    subprocess.CalledProcessError
        A kind could not be compiled; what went wrong stands on the standard error stream.
    """
    remove_stale()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for finished in [threads.submit(_compile_apart, kind) for kind in KINDS]:
            finished.result()


def _compile_apart(kind: str) -> None:
    subprocess.run([sys.executable, "-m", "simulators.compilation", kind], check=True)  # noqa: S603 - our own names


if __name__ == "__main__":
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            compile_kind(name)
    else:
        compile_all()
