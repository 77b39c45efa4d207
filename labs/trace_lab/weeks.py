"""A trace cut into weeks: some to practise on, later ones held out for grading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from labs.trace_lab.errors import TraceLabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from simulators.compute_cluster import Trace

__all__ = ["WEEK_S", "Machine", "Weeks", "machine_of", "split"]

WEEK_S = 604_800.0
FEWEST_JOBS = 20
FEWEST_PRACTICE, FEWEST_HELD_OUT = 2, 3
MOST_PRACTICE, MOST_HELD_OUT = 20, 10
WHOLE_WEEK = 0.9
PRACTICE_SHARE = 2 / 3
MOST_CORES = 4096
MOST_NODES = 100_000


@dataclass(frozen=True)
class Machine:
    """Equal nodes.

    Parameters
    ----------
    nodes
        How many.
    cores
        Of each.
    """

    nodes: int
    cores: int

    @property
    def processors(self) -> int:
        """Cores of all nodes."""
        return self.nodes * self.cores


@dataclass(frozen=True)
class Weeks:
    """A trace cut up.

    Parameters
    ----------
    practice, held_out
        Jobs for students, and for graders alone; times are those of the whole trace.
    practice_weeks, held_out_weeks
        How many weeks each has.
    thin
        Weeks left out between the first and the last that are taken: they have too few jobs, or are not whole.
    larger
        Jobs left out that no empty machine holds.
    estimates
        Whether users ask for a time that differs from the run time.
    users
        Users whose jobs the held-out weeks hold; 0 where they are not known.
    load
        Processor time that the jobs of all those weeks need, as a share of what the machine has in them.
    """

    practice: Trace
    held_out: Trace
    practice_weeks: int
    held_out_weeks: int
    thin: int
    larger: int
    estimates: bool
    users: int
    load: float


def header_fields(trace: Trace) -> dict[str, str]:
    """Return what a trace's header says, ``; Name: text``; the first of each name."""
    found: dict[str, str] = {}
    for line in trace.header:
        name, colon, text = line.lstrip("; \t").partition(":")
        if colon and text.strip():
            found.setdefault(name.strip(), text.strip())
    return found


def machine_of(trace: Trace, nodes: int | None = None, cores: int | None = None) -> Machine:
    """Return the machine that a trace comes from: as asked for, else as its header says, else as its largest job needs.

    Parameters
    ----------
    trace
        The jobs.
    nodes, cores
        What somebody knows better; cores are those of a node.

    Raises
    ------
    TraceLabError
        There would be more nodes, or cores in a node, than the simulator has.
    """
    header = header_fields(trace)
    largest = int(_processors(trace).max(initial=1))
    there = _number(header, "MaxProcs") or _number(header, "MaxNodes") or largest
    told = _number(header, "MaxNodes")
    if nodes is None and cores is None:
        nodes = told if told and there % told == 0 and there // told <= MOST_CORES else there
    if cores is None:
        cores = max(1, there // nodes) if nodes is not None and told == nodes else 1
    if nodes is None:
        nodes = -(-there // cores)
    if not 1 <= cores <= MOST_CORES or not 1 <= nodes <= MOST_NODES:
        message = (
            f"nodes = {nodes:,} and cores = {cores:,} must be within 1 … {MOST_NODES:,} and 1 … {MOST_CORES:,}; "
            "give --nodes and --cores"
        )
        raise TraceLabError(message)
    return Machine(nodes, cores)


def _number(header: Mapping[str, str], name: str) -> int | None:
    word = header.get(name, "").split(" ")[0]
    return int(word) if word.isdigit() and int(word) > 0 else None


def split(
    trace: Trace,
    machine: Machine,
    *,
    practice: int | None = None,
    held_out: int | None = None,
    leave_out_larger: bool = False,
) -> Weeks:
    """Cut a trace into weeks to practise on, and the weeks after them, which are held out.

    Weeks count from the trace's time zero. Those with fewer than 20 jobs are left out, and a last one that breaks off.

    Parameters
    ----------
    trace
        The jobs.
    machine
        What they are to run on.
    practice, held_out
        How many weeks of each; by default two thirds and one third of those there are, at most 20 and 10.
    leave_out_larger
        Whether to leave out jobs that are larger than the machine, rather than to refuse the trace.

    Raises
    ------
    TraceLabError
        Jobs are larger than the machine, or there are too few weeks with jobs enough.
    """
    if not trace.complete:
        message = f"the trace breaks off after {len(trace):,} jobs; give the whole file"
        raise TraceLabError(message)
    processors = _processors(trace)
    fits = processors <= machine.processors
    if not fits.all() and not leave_out_larger:
        raise _too_large(trace, processors, machine)
    week = np.floor_divide(trace.column("submit_s"), WEEK_S).astype(np.int64)
    chosen, thin = _full_weeks(trace.column("submit_s")[fits], week[fits])
    first, last = _shares(len(chosen), practice, held_out)
    if first < FEWEST_PRACTICE or last < FEWEST_HELD_OUT or first + last > len(chosen):
        span = float(np.ptp(trace.column("submit_s"))) / WEEK_S if len(trace) else 0.0
        message = (
            f"the trace's {len(trace):,} jobs span {span:.1f} weeks, of which {len(chosen)} are whole and have at "
            f"least {FEWEST_JOBS} jobs; practice weeks = {first} (≥ {FEWEST_PRACTICE}) and held-out weeks = {last} "
            f"(≥ {FEWEST_HELD_OUT}) do not come from them; ask for fewer (--weeks, --held-out), or take a longer trace"
        )
        raise TraceLabError(message)
    parts = [np.isin(week, weeks) & fits for weeks in (chosen[:first], chosen[first : first + last])]
    given, kept = (replace(trace, values=trace.values[part], problems=()) for part in parts)
    users = np.unique(kept.column("user"))
    asked, ran = (np.concatenate([one.column(name) for one in (given, kept)]) for name in ("requested_s", "run_s"))
    work = sum(float((one.column("run_s") * _processors(one)).sum()) for one in (given, kept))
    return Weeks(
        practice=given,
        held_out=kept,
        practice_weeks=first,
        held_out_weeks=last,
        thin=thin,
        larger=int((~fits).sum()),
        estimates=bool(((asked > 0) & (asked != ran)).mean() > 0.5),
        users=len(users[users > 0]),
        load=work / (machine.processors * WEEK_S * (first + last)),
    )


def _processors(trace: Trace) -> NDArray[np.float64]:
    """Return ``(N,)`` the processors of each job, those asked for before those used, as the simulator takes them."""
    asked = trace.column("requested_processors")
    return np.where(asked > 0, asked, trace.column("processors"))


def _full_weeks(submit_s: NDArray[np.float64], week: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the weeks that have enough jobs, and how many are left out."""
    numbers, jobs = np.unique(week, return_counts=True)
    whole = jobs >= FEWEST_JOBS
    if len(numbers) and submit_s.max() < (numbers[-1] + WHOLE_WEEK) * WEEK_S:
        whole[-1] = False
    return numbers[whole], int((~whole).sum())


def _shares(there: int, practice: int | None, held_out: int | None) -> tuple[int, int]:
    if practice is None and held_out is None:
        practice = min(MOST_PRACTICE, max(FEWEST_PRACTICE, min(round(there * PRACTICE_SHARE), there - FEWEST_HELD_OUT)))
    if practice is None:
        practice = min(MOST_PRACTICE, there - (held_out or 0))
    if held_out is None:
        held_out = min(MOST_HELD_OUT, there - practice)
    return practice, held_out


def _too_large(trace: Trace, processors: NDArray[np.float64], machine: Machine) -> TraceLabError:
    larger = processors > machine.processors
    worst = int(np.argmax(processors))
    work = processors * trace.column("run_s")
    share = work[larger].sum() / work.sum() if work.sum() > 0 else 0.0
    message = (
        f"{int(larger.sum()):,} of {len(trace):,} jobs ask for more than the {machine.processors:,} processors of "
        f"{machine.nodes:,} nodes with {machine.cores:,} cores (the largest, job {trace.column('job')[worst]:g}, for "
        f"{processors[worst]:,g}; together {share:.1%} of the work); give a larger machine (--nodes, --cores), "
        "or leave them out (--leave-out-larger)"
    )
    return TraceLabError(message)
