"""``shixun bench``: every speed that we claim, measured here and now."""

import json
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


def _report(measure: Callable[[Callable[[str], None]], dict[str, Any]], as_json: bool) -> None:
    with Console(stderr=True).status("Measuring ...") as status:
        figures = measure(status.update)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    for name, part in figures.items():
        rows = part if isinstance(part, list) else [part] if isinstance(part, dict) else [{name: part}]
        table = Table(*rows[0], title=name, title_justify="left")
        for row in rows:
            table.add_row(*(f"{value:,.4g}" if isinstance(value, float) else str(value) for value in row.values()))
        Console().print(table)
