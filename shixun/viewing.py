"""``shixun twin view``: a run replayed on a page of its own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from simulators import SimulatorError, load_scenario, simulate

_console = Console()


def view(
    scenario: Annotated[Path, typer.Argument(help="A scenario file.", exists=True, dir_okay=False)],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")] = 1,
    start_s: Annotated[float | None, typer.Option(help="Begin of the window, simulated seconds.")] = None,
    end_s: Annotated[float | None, typer.Option(help="Its end.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8090,
) -> None:
    """Simulate a scenario and serve the replay of it, in three dimensions, until Ctrl-C."""
    # Late: drawing needs much that other commands do not.
    import uvicorn

    from twins import TwinError
    from twins.server import run_page

    try:
        app = run_page(simulate(load_scenario(scenario), seed=seed, engine="compiled"), start_s, end_s)
    except (SimulatorError, TwinError) as error:
        Console(stderr=True).print(f"Error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    _console.print(f"回放在 · The replay is at: http://127.0.0.1:{port}/ (Ctrl-C)", highlight=False)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
