"""The commands ``shixun backup`` and ``shixun restore``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grading.backup import back_up
from grading.backup import restore as restore_from
from grading.database import Database
from grading.errors import GradingError
from grading.settings import GradingSettings
from hub_config.accounts import accounts_file
from shixun.ledger import grading_settings

__all__ = ["backup", "restore"]

_console = Console(highlight=False, soft_wrap=True, markup=False)
_errors = Console(stderr=True, style="red", highlight=False, soft_wrap=True, markup=False)


def _files(settings: GradingSettings) -> dict[str, Path]:
    return {"grading.secret": settings.secret_file, "accounts.json": accounts_file(settings.data_dir)}


def backup(target: Annotated[Path, typer.Argument(help="File to write, such as monday.tar.gz.")]) -> None:
    """Back up submissions, outcomes, schools and the secret of the held-out seeds, while everything runs."""
    settings = grading_settings()
    database = Database(settings.database)
    try:
        database.upgrade()
        rows = back_up(database, _files(settings), target)
    except (GradingError, OSError) as error:
        _errors.print(f"Error: {error}")
        raise typer.Exit(1) from error
    finally:
        database.close()
    _console.print(f"{sum(rows.values())} rows, {rows['outcomes']} of them outcomes, are in {target}.")


def restore(source: Annotated[Path, typer.Argument(help="A file that `shixun backup` wrote.")]) -> None:
    """Fill an empty database from a backup, having checked every row and every chain of outcomes."""
    settings = grading_settings()
    database = Database(settings.database)
    try:
        rows = restore_from(database, source, _files(settings))
    except (GradingError, OSError) as error:
        _errors.print(f"Error: {error}")
        raise typer.Exit(1) from error
    finally:
        database.close()
    _console.print(f"{sum(rows.values())} rows, {rows['outcomes']} of them outcomes, are restored; every chain holds.")
