"""Compile every engine ahead: ``python -m simulators.compilation``, once after an installation.

Numba keeps what it has compiled on disk, so that the first run of a session need not wait for the compiler.
"""

from __future__ import annotations

from simulators.registry import KINDS
from simulators.simulation import simulate

__all__ = ["compile_all"]


def compile_all() -> None:
    """Run the example of every kind on every engine that has one to compile."""
    for simulator in KINDS.values():
        if "compiled" in simulator.engines:
            simulate(simulator.example(), seed=0, engine="compiled")


if __name__ == "__main__":
    compile_all()
