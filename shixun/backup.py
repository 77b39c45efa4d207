"""The commands ``shixun backup`` and ``shixun restore``."""

import re
import tarfile
from collections.abc import Iterable
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
from hub_config.plan import plan_file
from hub_config.rosters import roster_file, roster_files
from hub_config.swarm_homes import homes_file
from shixun.ledger import grading_settings
from shixun.preparation import make_data_dir

__all__ = ["backup", "restore"]

_console = Console(highlight=False, soft_wrap=True, markup=False)
_errors = Console(stderr=True, style="red", highlight=False, soft_wrap=True, markup=False)


_ROSTER = re.compile(r"files/rosters/([a-z0-9][a-z0-9-]{0,62})\.csv")


def _files(settings: GradingSettings, schools: Iterable[str]) -> dict[str, Path]:
    folder = settings.data_dir
    return {
        "grading.secret": settings.secret_file,
        "accounts.json": accounts_file(folder),
        "plan.yaml": plan_file(folder),
        "swarm-homes.json": homes_file(folder),
        **{f"rosters/{school}.csv": roster_file(folder, school) for school in schools},
    }


def _schools_in(source: Path) -> list[str]:
    """List whose rosters are in a backup; what is no backup is told by who restores it."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            return [found[1] for name in archive.getnames() if (found := _ROSTER.fullmatch(name))]
    except (tarfile.TarError, OSError, EOFError):
        return []


def backup(target: Annotated[Path, typer.Argument(help="File to write, such as monday.tar.gz.")]) -> None:
    """Back up submissions, outcomes, schools, rosters, bookings and the secret, while everything runs."""
    settings = grading_settings()
    database = Database(settings.database)
    try:
        database.upgrade()
        schools = [path.stem for path in roster_files(settings.data_dir)]
        rows = back_up(database, _files(settings, schools), target)
    except (GradingError, OSError) as error:
        _errors.print(f"Error: {error}")
        raise typer.Exit(1) from error
    finally:
        database.close()
    _console.print(f"{sum(rows.values())} rows, {rows['outcomes']} of them outcomes, are in {target}.")


def restore(source: Annotated[Path, typer.Argument(help="A file that `shixun backup` wrote.")]) -> None:
    """Fill an empty database from a backup, having checked every row and every chain of outcomes."""
    settings = grading_settings()
    make_data_dir(settings.data_dir)
    database = Database(settings.database)
    try:
        rows = restore_from(database, source, _files(settings, _schools_in(source)))
    except (GradingError, OSError) as error:
        _errors.print(f"Error: {error}")
        raise typer.Exit(1) from error
    finally:
        database.close()
    _console.print(f"{sum(rows.values())} rows, {rows['outcomes']} of them outcomes, are restored; every chain holds.")
