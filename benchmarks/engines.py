"""How fast the engines are: compiled against SimPy, our SimPy against bare SimPy, both against other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.lines import bare_simpy, failing_line
from benchmarks.queues import PEERS, ours
from benchmarks.stopwatch import fastest_s
from simulators import KINDS, Streams, simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Scenario

__all__ = ["measure"]

STATIONS = 10
HORIZON_S = 200_000.0
CUSTOMERS = 100_000


def measure(say: Callable[[str], None]) -> dict[str, Any]:
    """Time everything, one after the other, in processor time.

    Parameters
    ----------
    say
        Told what is being timed.

    Returns
    -------
    ``engines``: a row a kind; ``layer``: ours on SimPy against a hand-written line; ``peers``: customers a second
    of M/M/1.
    """
    timed: dict[str, Scenario] = {"production_line": failing_line(STATIONS, HORIZON_S)}
    return {
        "engines": [_engines(kind, scenario, say) for kind, scenario in timed.items()],
        "layer": _layer(say),
        "peers": _peers(say),
    }


def _engines(kind: str, scenario: Scenario, say: Callable[[str], None]) -> dict[str, Any]:
    engines = KINDS[kind].engines
    compiled, simpy = engines["compiled"], engines["simpy"]
    say(f"{kind}: both engines")
    journal = compiled(scenario, Streams(1))
    equal = journal == simpy(scenario, Streams(1))
    compiled_s = fastest_s(lambda: compiled(scenario, Streams(1)), 5)
    simpy_s = fastest_s(lambda: simpy(scenario, Streams(1)), 3)
    return {
        "kind": kind,
        "events": len(journal),
        "simpy_events_per_s": len(journal) / simpy_s,
        "compiled_events_per_s": len(journal) / compiled_s,
        "speedup": simpy_s / compiled_s,
        "journals_equal": equal,
    }


def _layer(say: Callable[[str], None]) -> dict[str, float]:
    say("the same line by hand in bare SimPy")
    scenario = failing_line(STATIONS, HORIZON_S)
    ours_s = fastest_s(lambda: KINDS["production_line"].engines["simpy"](scenario, Streams(1)))
    bare_s = fastest_s(lambda: bare_simpy(STATIONS, HORIZON_S))
    parts_ours = simulate(scenario, seed=1).kpis["parts_made"].value
    parts_bare = bare_simpy(STATIONS, HORIZON_S)
    return {
        "ours_parts_per_s": parts_ours / ours_s,
        "bare_parts_per_s": parts_bare / bare_s,
        "ratio": (parts_ours / ours_s) / (parts_bare / bare_s),
    }


def _peers(say: Callable[[str], None]) -> dict[str, float]:
    rates = {}
    for engine in ("simpy", "compiled"):
        say(f"M/M/1: ours, {engine}")
        ours(engine, CUSTOMERS)
        rates[f"ours_{engine}"] = CUSTOMERS / fastest_s(lambda engine=engine: ours(engine, CUSTOMERS))  # type: ignore[misc]
    for name, (run, customers) in PEERS.items():
        say(f"M/M/1: {name}")
        rates[name] = customers / fastest_s(lambda run=run, customers=customers: run(customers), 2)  # type: ignore[misc]
    return rates
