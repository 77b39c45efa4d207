"""``shixun twin glb``: a run written as a film in binary glTF."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from simulators import SimulatorError, load_scenario, simulate

_console = Console()


def glb(
    scenario: Annotated[Path, typer.Argument(help="A scenario file.", exists=True, dir_okay=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", dir_okay=False)] = Path(
        "twin.glb"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")] = 1,
    start_s: Annotated[float | None, typer.Option(help="Begin of the window, simulated seconds.")] = None,
    end_s: Annotated[float | None, typer.Option(help="Its end.")] = None,
    speed: Annotated[float, typer.Option(min=0.001, help="Simulated seconds in one second of the film.")] = 10.0,
    language: Annotated[str, typer.Option(help="Of the names in the file, zh or en.")] = "zh",
) -> None:
    """Simulate a scenario and write its scene, moving, to a file that web pages and Blender can play."""
    # Late: drawing needs much that other commands do not.
    from twins import TwinError, scene_of, write_glb
    from twins.showing import window_of

    try:
        run = simulate(load_scenario(scenario), seed=seed)
        write_glb(scene_of(run, *window_of(run, start_s, end_s)), output, language=language, speed=speed)
    except (SimulatorError, TwinError, OSError) as error:
        Console(stderr=True).print(f"Error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    _console.print(f"{output}: {output.stat().st_size / 1e6:.1f} MB", highlight=False, markup=False)
