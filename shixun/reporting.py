"""Our errors, as the command line tells them."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from hub_config.errors import HubConfigError
from shixun.errors import StartError

__all__ = ["reported"]


@contextmanager
def reported() -> Iterator[None]:
    """Turn our errors into a message and exit code 1."""
    try:
        yield
    except (HubConfigError, StartError) as error:
        Console(stderr=True).print(f"Error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
