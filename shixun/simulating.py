"""The command ``shixun simulate``."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from hub_config.errors import SettingsError
from shixun.composition import load_settings
from shixun.simulation_settings import SimulationSettings
from simulators import (
    CheckpointError,
    DaskExecutor,
    DocumentError,
    EngineLimitError,
    Executor,
    ProcessExecutor,
    Scenario,
    SerialExecutor,
    SimulatorError,
    Study,
    UnknownEngineError,
    UnknownKindError,
    UnknownKpiError,
    load_scenario,
    replicate,
    replicate_until,
)
from simulators.statistics import StatisticsError

INTERRUPTED = 130
BAD_INPUT = 2
REPLICATIONS = 20
MOST_REPLICATIONS = 10_000
_INPUT_ERRORS = (
    DocumentError,
    UnknownKindError,
    UnknownEngineError,
    EngineLimitError,
    UnknownKpiError,
    CheckpointError,
    StatisticsError,
)


class ExecutorName(StrEnum):
    """Who runs the replications."""

    SERIAL = "serial"
    PROCESSES = "processes"
    DASK = "dask"


def simulate(
    scenario: Annotated[Path, typer.Argument(help="A scenario.yaml.")],
    replications: Annotated[
        int | None,
        typer.Option(min=1, help=f"How often; default: {REPLICATIONS}, or at most {MOST_REPLICATIONS} for an error."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides every random number.")] = 1,
    engine: Annotated[str, typer.Option(help="simpy, compiled, or auto: the fastest that can run it.")] = "auto",
    antithetic: Annotated[
        bool, typer.Option("--antithetic", help="Run pairs of opposite luck, which often gives narrower intervals.")
    ] = False,
    relative_error: Annotated[
        float | None, typer.Option(help="Run until the error of --kpi is so small, such as 0.02, with 95 % confidence.")
    ] = None,
    kpi: Annotated[list[str] | None, typer.Option(help="A KPI for --relative-error; may be given again.")] = None,
    executor: Annotated[
        ExecutorName, typer.Option(help="This process, several, or a Dask cluster (SHIXUN_DASK_SCHEDULER).")
    ] = ExecutorName.SERIAL,
    workers: Annotated[int | None, typer.Option(min=1, help="How many; default: one a core.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File that keeps finished replications, so that a stopped run can go on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Run a scenario many times and print its KPIs with 95 % confidence intervals."""
    screen = Console(stderr=True)
    with _reported(screen, checkpoint):
        load_settings()
        model = load_scenario(scenario)
        how: dict[str, Any] = {
            "seed": seed,
            "engine": engine,
            "antithetic": antithetic,
            "executor": executor_named(executor, workers),
            "checkpoint": checkpoint,
        }
        if relative_error is None:
            if kpi:
                message = "--kpi goes with --relative-error; give both, or leave both out"
                raise typer.BadParameter(message)
            with study_progress(screen) as told:
                study = replicate(model, replications=replications or REPLICATIONS, progress=told, **how)
        else:
            study = _precise_study(screen, model, kpi or (), relative_error, replications or MOST_REPLICATIONS, how)
    if as_json:
        typer.echo(study_json(study))
    else:
        Console().print(study_table(study))


def _precise_study(
    screen: Console, scenario: Scenario, kpis: Sequence[str], relative: float, most: int, how: dict[str, Any]
) -> Study:
    """Replicate until the KPIs are precise enough; say so on the screen where that takes too many replications."""
    cap = most // 2 if how["antithetic"] else most
    with study_progress(screen) as told:
        found = replicate_until(scenario, kpis, relative=relative, minimum=min(10, cap), cap=cap, progress=told, **how)
    if not found.reached:
        message = f"尚未达到精度 · Not yet so precise after {most} replications; give more with --replications."
        screen.print(message, style="yellow", highlight=False)
    return found.study


def executor_named(name: ExecutorName, workers: int | None) -> Executor:
    """Return the executor of that name; a Dask cluster is the one that the settings name."""
    match name:
        case ExecutorName.PROCESSES:
            return ProcessExecutor(workers)
        case ExecutorName.DASK:
            return DaskExecutor(SimulationSettings().dask_scheduler or None, workers)
        case ExecutorName.SERIAL:
            return SerialExecutor()


def study_json(study: Study) -> str:
    """Write a study's estimates as JSON; what is not a finite number is null."""
    kpis = {
        name: {
            "mean": _finite(estimate.mean),
            "half_width_95": _finite(estimate.half_width_95),
            "unit": estimate.unit,
        }
        for name, estimate in study.estimates().items()
    }
    content = {"kpis": kpis, "replications": study.replications, "engine": study.engine, "seed": study.seed}
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def study_table(study: Study) -> Table:
    """Lay a study's estimates out for the terminal."""
    title = f"{study.replications} replications, seed {study.seed}, engine {study.engine}"
    table = Table(title=title, title_justify="left")
    table.add_column("KPI", no_wrap=True)
    table.add_column("mean", justify="right")
    table.add_column("± (95 %)", justify="right")
    table.add_column("unit")
    for name, estimate in study.estimates().items():
        table.add_row(name, f"{estimate.mean:.5g}", f"{estimate.half_width_95:.2g}", estimate.unit)
    return table


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.1f}/s")


@contextmanager
def study_progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show how far a study is, at what rate, and how long it will take.

    Yields
    ------
    Callable[[int, int], None]
        Takes (done, all), as `simulators.replicate` tells them.
    """
    columns = (
        TextColumn("重复仿真 · Replications"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", visible=False)
        yield lambda done, total: progress.update(bar, completed=done, total=total, visible=True)


@contextmanager
def _reported(screen: Console, checkpoint: Path | None) -> Iterator[None]:
    """Turn errors and Ctrl-C into a message and an exit code."""
    try:
        yield
    except (SimulatorError, SettingsError) as error:
        screen.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(BAD_INPUT if isinstance(error, _INPUT_ERRORS) else 1) from error
    except KeyboardInterrupt:
        message = "已中断 · Interrupted. "
        if checkpoint:
            message += f"Finished replications are in {checkpoint}; the same command goes on from there."
        else:
            message += "Nothing is kept; with --checkpoint FILE it could go on."
        screen.print(message, highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
