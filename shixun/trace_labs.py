"""``shixun trace lab``: a lab on jobs of one's own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from labs.trace_lab import MadeLab, TraceLabError, machine_of, make, split
from simulators import SimulatorError, Text
from simulators.compute_cluster import Trace, TraceError, read_swf

__all__ = ["lab"]

BAD_INPUT = 2
_SHOWN = 10
_FIGURES = {
    "wait_mean_s": "wait, s",
    "wait_max_s": "longest, s",
    "bounded_slowdown_mean": "slowdown",
    "fairness_jain": "fairness",
    "utilisation": "in use",
}
_console = Console()
_errors = Console(stderr=True)


def lab(
    file: Annotated[Path, typer.Argument(help="The trace, plain or .gz.")],
    folder: Annotated[Path, typer.Argument(help="Folder to make, such as labs/catalog/our-cluster.")],
    weeks: Annotated[
        int | None, typer.Option(min=2, max=500, help="Weeks to practise on; default: two thirds, at most 20.")
    ] = None,
    held_out: Annotated[
        int | None, typer.Option(min=3, max=500, help="Later weeks for grading; default: a third, at most 10.")
    ] = None,
    nodes: Annotated[int | None, typer.Option(min=1, help="Of the machine; default: what the header says.")] = None,
    cores: Annotated[int | None, typer.Option(min=1, help="Of a node; default: what the header says.")] = None,
    leave_out_larger: Annotated[
        bool, typer.Option("--leave-out-larger", help="Leave jobs out that are larger than the machine.")
    ] = False,
    title_zh: Annotated[str, typer.Option(help="Title in Chinese; default: it names the trace.")] = "",
    title_en: Annotated[str, typer.Option(help="Title in English; default: it names the trace.")] = "",
) -> None:
    """Make a lab of a trace: weeks to practise on, weeks held out, and thresholds that schedulers reach in those."""
    try:
        found = read_swf(file)
        _tell_problems(file, found)
        machine = machine_of(found, nodes, cores)
        cut = split(found, machine, practice=weeks, held_out=held_out, leave_out_larger=leave_out_larger)
        title = Text(zh=title_zh or title_en, en=title_en or title_zh) if title_zh or title_en else None
        _say(
            f"{cut.practice_weeks} weeks to practise on ({len(cut.practice):,} jobs), {cut.held_out_weeks} held out "
            f"({len(cut.held_out):,} jobs), on {machine.nodes:,} nodes with {machine.cores:,} cores, of which the jobs "
            f"need {cut.load:.0%}; left out: {cut.thin} weeks, {cut.larger:,} jobs larger than the machine"
        )
        columns = (
            TextColumn("试算各种调度 · Trying schedulers"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        with Progress(*columns, console=_errors) as progress:
            bar = progress.add_task("", visible=False)
            made = make(
                cut,
                machine,
                folder,
                name=file.name,
                title=title,
                progress=lambda done, total: progress.update(bar, completed=done, total=total, visible=True),
            )
    except (TraceError, TraceLabError, SimulatorError) as error:
        _errors.print(f"{file}: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(BAD_INPUT) from error
    _console.print(_table(made))
    _say(
        f"The lab is in {folder}. Of 100 points, doing nothing earns {made.points_of_nothing:.0f}, the best decision "
        f"found {made.points_of_best:.0f}, the policy of solution.yaml {made.points_of_policy:.0f}."
    )


def _tell_problems(file: Path, found: Trace) -> None:
    for problem in found.problems[:_SHOWN]:
        _errors.print(f"{file}: {problem}", highlight=False, markup=False, soft_wrap=True)
    if len(found.problems) > _SHOWN:
        _errors.print(
            f"{len(found.problems) - _SHOWN:,} more lines are not in order; shixun trace check --all shows them"
        )


def _table(made: MadeLab) -> Table:
    table = Table("decision", *_FIGURES.values(), title="Means over the weeks held out", title_justify="left")
    table.columns[0].no_wrap = True
    for one in made.tried:
        row = (f"{float(f'{one.kpis[figure]:.4g}'):,g}" for figure in _FIGURES)
        table.add_row(one.name, *row, style="bold" if one is made.best else None)
    return table


def _say(text: str) -> None:
    _console.print(text, highlight=False, markup=False, soft_wrap=True)
