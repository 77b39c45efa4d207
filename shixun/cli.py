"""The command ``shixun``."""

import importlib.metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub_config.accounts import accounts_file, read_accounts
from hub_config.engine import connect_engine
from hub_config.images import build_lab_image
from hub_config.service_images import build_service_images
from hub_config.spawner import labs_dir
from labs.bundle import build as build_bundle
from shixun.backup import backup, restore
from shixun.benching import bench
from shixun.composition import SETTINGS, load_settings
from shixun.doctor import examine
from shixun.ledger import ledger, outcome
from shixun.reporting import reported
from shixun.rosters import roster
from shixun.screen import accounts_table, build_progress
from shixun.settings_table import settings_page
from shixun.simulating import simulate
from shixun.start import serve
from shixun.traces import trace
from shixun.twinning import twin

_BUILD_TIMEOUT_S = 900.0

app = typer.Typer(
    name="shixun",
    help="实训 · a virtual-simulation training base for vocational schools.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
images = typer.Typer(help="The images of sessions and of the base.", no_args_is_help=True)
labs = typer.Typer(help="The labs.", no_args_is_help=True)
settings = typer.Typer(help="The settings.", no_args_is_help=True)
app.add_typer(bench, name="bench")
app.add_typer(images, name="images")
app.add_typer(labs, name="labs")
app.add_typer(roster, name="roster")
app.add_typer(settings, name="settings")
app.add_typer(trace, name="trace")
app.add_typer(ledger, name="ledger")
app.add_typer(outcome, name="outcome")
app.add_typer(twin, name="twin")

_console = Console()


def _version(wanted: bool) -> None:
    if wanted:
        _console.print(f"shixun {importlib.metadata.version('shixun')}", highlight=False)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """实训 · a virtual-simulation training base for vocational schools."""


@app.command()
def start() -> None:
    """Serve the training base until Ctrl-C; settings are environment variables, see docs/settings.md."""
    with reported():
        serve(load_settings(), _console)


@app.command()
def accounts() -> None:
    """Show the accounts of the demo school."""
    with reported():
        _console.print(accounts_table(read_accounts(accounts_file(load_settings().data_dir))))


_SIGNS = {"good": ("✓", "green"), "care": ("!", "yellow"), "bad": ("✗", "red")}


@app.command()
def doctor() -> None:
    """Look for what is amiss or needs care on this machine; the exit code is 1 where something must be mended."""
    with reported():
        bad = 0
        for finding in examine(load_settings()):
            sign, style = _SIGNS[finding.verdict]
            _console.print(f"[{style}]{sign}[/] [bold]{finding.subject}[/]: ", end="")
            _console.print(finding.text, markup=False, highlight=False, soft_wrap=True)
            bad += finding.verdict == "bad"
    raise typer.Exit(1 if bad else 0)


app.command()(simulate)
app.command()(backup)
app.command()(restore)


@images.command("build")
def images_build(
    base: Annotated[str, typer.Option(help="Image to build on; default: SHIXUN_BASE_IMAGE, or python:3.12-slim.")] = "",
    tag: Annotated[str, typer.Option(help="Name of the image; default: SHIXUN_LAB_IMAGE.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="The images of images/compose.yaml as well.")] = False,
) -> None:
    """Build the lab image, where its content has changed."""
    with reported():
        chosen = load_settings()
        chosen = chosen.model_copy(update={"base_image": base or chosen.base_image})
        client = connect_engine(_BUILD_TIMEOUT_S)
        try:
            with build_progress(_console) as say:
                name = build_lab_image(client, chosen, say, tag)
                others = build_service_images(client, chosen, say) if everything else {}
        finally:
            client.close()
        _console.print(f"The lab image is {name}.", highlight=False)
        for kind, other in others.items():
            _console.print(f"The {kind} image is {other}.", highlight=False)


@labs.command("build")
def labs_build(
    output: Annotated[
        Path | None, typer.Argument(help="Folder to write; default: the one local-process sessions use.")
    ] = None,
) -> None:
    """Write the labs as students see them, without rubrics and solutions."""
    with reported():
        folder = output or labs_dir(load_settings().data_dir)
        build_bundle(folder)
        _console.print(f"The labs are in {folder}.", highlight=False, soft_wrap=True)


@settings.command("docs")
def settings_docs(
    output: Annotated[Path | None, typer.Argument(help="File to write; default: the terminal.")] = None,
) -> None:
    """Write the page of settings."""
    page = settings_page(SETTINGS)
    if output:
        output.write_text(page, encoding="utf-8")
    else:
        typer.echo(page, nl=False)
