"""``shixun trace``: job traces in the Standard Workload Format."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from shixun.trace_labs import lab
from simulators import Streams, simulate
from simulators.compute_cluster import ComputeCluster, TraceError, read_swf, trace_of, workload, write_swf

__all__ = ["trace"]

_SHOWN = 20
_SCHEDULERS: tuple[tuple[str, dict[str, object]], ...] = (
    ("FCFS", {}),
    ("SJF", {"order": {"kind": "sjf"}}),
    ("FCFS + EASY", {"backfilling": "easy"}),
    ("SJF + EASY", {"order": {"kind": "sjf"}, "backfilling": "easy"}),
    ("F1 + EASY", {"order": {"kind": "f1"}, "backfilling": "easy"}),
    ("WFP3 + EASY", {"order": {"kind": "wfp3"}, "backfilling": "easy"}),
)
_FIGURES = ("wait_mean_s", "wait_max_s", "bounded_slowdown_mean", "fairness_jain", "utilisation")

trace = typer.Typer(help="Job traces in the Standard Workload Format.", no_args_is_help=True)
trace.command()(lab)
_console = Console()
_errors = Console(stderr=True)


@trace.command()
def check(
    file: Annotated[Path, typer.Argument(help="Plain or .gz.")],
    every: Annotated[bool, typer.Option("--all", help="Show every problem, not just the first ones.")] = False,
) -> None:
    """Read a trace and tell what is wrong with it; exit code 1 if anything is, 2 if it cannot be read at all."""
    try:
        found = read_swf(file)
    except TraceError as error:
        _errors.print(str(error), highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    processors = max(found.column("processors").max(initial=0), found.column("requested_processors").max(initial=0))
    _console.print(f"{len(found):,} jobs, at most {processors:g} processors, {found.left_out:,} lines left out")
    for problem in found.problems if every else found.problems[:_SHOWN]:
        _console.print(f"{file}: {problem}", highlight=False, soft_wrap=True)
    hidden = 0 if every else max(0, len(found.problems) - _SHOWN)
    if hidden:
        _console.print(f"{hidden:,} more; --all shows them")
    raise typer.Exit(1 if found.problems else 0)


@trace.command()
def generate(
    file: Annotated[Path, typer.Argument(help="File to write; gzip where it ends in .gz.")],
    jobs: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many jobs.")] = 10_000,
    processors: Annotated[int, typer.Option(min=2, max=1_000_000, help="Of the machine, and its largest job.")] = 256,
    stretch: Annotated[float, typer.Option(min=1e-6, help="Multiplies the times between arrivals.")] = 1.0,
    estimate_factor: Annotated[float, typer.Option(min=1.0, help="How much users overestimate, at most.")] = 1.0,
    users: Annotated[int, typer.Option(min=1, max=10_000, help="How many users.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trace.")] = 1,
) -> None:
    """Write a trace of jobs drawn by the model of Lublin and Feitelson."""
    source = {"kind": "lublin_feitelson", "jobs": jobs, "processors": processors, "stretch": stretch}
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1.0,  # nothing is run
            "node_types": [{"name": "node", "nodes": min(processors, 100_000), "cores": -(-processors // 100_000)}],
            "jobs": {**source, "estimate_factor": estimate_factor, "users": users},
        }
    )
    write_swf(trace_of(scenario, workload(scenario, Streams(seed))), file)
    _console.print(f"{jobs:,} jobs are in {file}.", highlight=False, soft_wrap=True)


@trace.command()
def schedule(
    file: Annotated[Path, typer.Argument(help="Plain or .gz.")],
    processors: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Default: those of the largest job.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Take only so many jobs.")] = None,
) -> None:
    """Run a trace under the built-in schedulers: what each reaches says where a lab's thresholds may stand."""
    try:
        found = read_swf(file)
    except TraceError as error:
        _errors.print(str(error), highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    largest = max(found.column("processors").max(initial=0), found.column("requested_processors").max(initial=0))
    nodes = processors or int(largest)
    table = Table("scheduler", *_FIGURES, title=f"{file.name} on {nodes:,} processors")
    table.columns[0].no_wrap = True
    try:
        for name, scheduler in _SCHEDULERS:
            scenario = ComputeCluster.model_validate(
                {
                    "kind": "compute_cluster",
                    "horizon_s": 1e12,
                    "node_types": [{"name": "node", "nodes": max(nodes, 1)}],
                    "jobs": {"kind": "swf", "file": str(file), "count": count},
                    "scheduler": scheduler,
                }
            )
            kpis = simulate(scenario, seed=0, journal=False).kpis
            table.add_row(name, *(f"{kpis[figure].value:,.6g}" for figure in _FIGURES))
    except ValidationError as error:
        _errors.print(f"{file}: {error.errors()[0]['msg']}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    _console.print(table)
    rejected = int(kpis["jobs_rejected"].value)
    if rejected or found.left_out:
        _console.print(
            f"{rejected:,} jobs are larger than the machine; {found.left_out:,} lines of the file are left out"
        )
