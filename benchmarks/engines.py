"""How fast the engines are: compiled against SimPy, our SimPy against bare SimPy, both against other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.clusters import SIMPY_JOBS, batch_system, clusters
from benchmarks.gardens import VISITORS, busy_day, visitors_exponent
from benchmarks.growth import growth
from benchmarks.lines import bare_simpy, crewed_line, failing_line
from benchmarks.queues import PEERS, ours
from benchmarks.stopwatch import fastest_s, fastest_side_by_side_s
from simulators import KINDS, Streams, simulate
from simulators.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Journal, Kpi, Scenario

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
    ``engines``: a row a kind, the line being a serial one; ``general_line``: such a row of a line that is not;
    ``layer``: ours on SimPy against a hand-written line; ``peers``: customers a second of M/M/1; ``clusters``: EASY
    backfilling; ``growth``: how cost and memory grow with parts and stations, and with a garden's visitors.
    """
    timed: dict[str, Scenario] = {
        "production_line": failing_line(STATIONS, HORIZON_S),
        "heritage_garden": busy_day(VISITORS),
        "compute_cluster": batch_system(SIMPY_JOBS),
    }
    return {
        "engines": [_engines(kind, scenario, say) for kind, scenario in timed.items()],
        "general_line": _engines("production_line", crewed_line(STATIONS, HORIZON_S), say),
        "layer": _layer(say),
        "peers": _peers(say),
        "clusters": clusters(say),
        "growth": {**growth(say), "visitors_exponent": visitors_exponent(say)},
    }


class _Unmeasured:
    """Leaves the KPIs out of what is timed."""

    def add(self, piece: Journal) -> None:
        """Take no notice."""

    def kpis(self) -> dict[str, Kpi]:
        """Return none."""
        return {}


def _engines(kind: str, scenario: Scenario, say: Callable[[str], None]) -> dict[str, Any]:
    """Time the engines alone, and whole runs that keep no journal and give KPIs."""
    say(f"{kind}: both engines")
    journal = _journal(scenario, "compiled")
    equal = journal == _journal(scenario, "simpy")
    simulate(scenario, seed=1, engine="compiled", journal=False)  # has compiled what measures
    repeats = {"compiled": 5, "simpy": 2}
    alone = {name: fastest_s(lambda name=name: _journal(scenario, name), n) for name, n in repeats.items()}  # type: ignore[misc]
    whole = {
        name: fastest_s(lambda name=name: simulate(scenario, seed=1, engine=name, journal=False), n)  # type: ignore[misc]
        for name, n in repeats.items()
    }
    return {
        "kind": kind,
        "events": len(journal),
        "simpy_events_per_s": len(journal) / alone["simpy"],
        "compiled_events_per_s": len(journal) / alone["compiled"],
        "speedup": alone["simpy"] / alone["compiled"],
        "kpis_only_speedup": whole["simpy"] / whole["compiled"],
        "journals_equal": equal,
    }


def _journal(scenario: Scenario, engine: str) -> Journal:
    simulator = KINDS[scenario.kind]
    recorder = Recorder(simulator.places(scenario), _Unmeasured())
    simulator.engines[engine](scenario, Streams(1), recorder, {})
    return recorder.journal()


def _layer(say: Callable[[str], None]) -> dict[str, float]:
    say("the same line by hand in bare SimPy")
    scenario = failing_line(STATIONS, HORIZON_S)
    ours_s, bare_s = fastest_side_by_side_s(
        [lambda: _journal(scenario, "simpy"), lambda: bare_simpy(STATIONS, HORIZON_S)]
    )
    compiled_s = fastest_s(lambda: _journal(scenario, "compiled"), 5)
    parts_ours = simulate(scenario, seed=1).kpis["parts_made"].value
    parts_bare = bare_simpy(STATIONS, HORIZON_S)
    return {
        "ours_parts_per_s": parts_ours / ours_s,
        "bare_parts_per_s": parts_bare / bare_s,
        "ratio": (parts_ours / ours_s) / (parts_bare / bare_s),
        "compiled_ratio": (parts_ours / compiled_s) / (parts_bare / bare_s),
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
