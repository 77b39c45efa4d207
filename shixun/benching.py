"""``shixun bench``: every speed that we claim, measured here and now."""

import json
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

bench = typer.Typer(help="Measure speeds, as ratios within one run.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@bench.command()
def engines(as_json: AsJson = False) -> None:
    """Compiled engine against SimPy, our SimPy engine against bare SimPy, M/M/1 against Ciw and salabim."""
    # Late: the peers come with the development packages only.
    from benchmarks.engines import measure

    _report(measure, as_json)


@bench.command()
def sweep(as_json: AsJson = False) -> None:
    """One study on every executor, with one and with two workers."""
    from benchmarks.sweeps import measure

    _report(measure, as_json)


@bench.command()
def spawn(as_json: AsJson = False) -> None:
    """Sessions claimed from the pool against sessions started by DockerSpawner, until a kernel has run a cell."""
    from benchmarks.spawning import measure

    _report(measure, as_json)


@bench.command()
def grading(
    seconds: Annotated[int, typer.Option(min=1, help="How long decisions come in.")] = 60,
    queued: Annotated[int, typer.Option(min=0, help="Decisions that wait when it begins.")] = 3000,
    peers: Annotated[int, typer.Option(min=1, help="Notebooks that nbgrader grades.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Decisions and policies graded end to end, beside nbgrader."""
    from benchmarks.grading import measure

    _report(lambda say: measure(say, seconds, queued, peers), as_json)


@bench.command()
def twins(as_json: AsJson = False) -> None:
    """Twins drawn in a browser against the usual way of pythreejs, and how soon a running plant is seen."""
    from benchmarks.twins import measure

    _report(measure, as_json)


@bench.command()
def transcripts(
    database_url: Annotated[str, typer.Argument(help="An empty PostgreSQL database, postgresql+psycopg://…")],
    outcomes: Annotated[int, typer.Option(min=30_030, help="How large the ledger grows.")] = 3_000_000,
    as_json: AsJson = False,
) -> None:
    """Transcripts from a ledger of 30,000 outcomes and from a hundred times as many."""
    from benchmarks.transcripts import measure

    _report(lambda say: measure(say, database_url, (30_000, outcomes)), as_json)


def _report(measure: Callable[[Callable[[str], None]], dict[str, Any]], as_json: bool) -> None:
    console, begin = Console(stderr=True), time.monotonic()
    with console.status("Measuring ...") as status:

        def say(step: str) -> None:
            status.update(step)
            if not console.is_terminal:
                # A log has no line that moves.
                typer.echo(f"{time.monotonic() - begin:6.1f} s  {step}", err=True)

        figures = measure(say)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    for name, part in figures.items():
        rows = part if isinstance(part, list) else [part] if isinstance(part, dict) else [{name: part}]
        table = Table(*rows[0], title=name, title_justify="left")
        for row in rows:
            table.add_row(*(f"{value:,.4g}" if isinstance(value, float) else str(value) for value in row.values()))
        Console().print(table)
