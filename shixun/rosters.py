"""The commands ``shixun roster …``: who belongs to a school, and who is invited to choose a password."""

import csv
import io
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub_config.errors import AccountsError
from hub_config.invitations import Invitations, invitations_file
from hub_config.people import Directory
from hub_config.rosters import write_roster
from shixun.composition import load_settings
from shixun.preparation import make_data_dir
from shixun.reporting import reported

__all__ = ["roster"]

roster = typer.Typer(help="The schools' rosters and invitations.", no_args_is_help=True)

Days = Annotated[float, typer.Option(min=0.01, help="Days for which the codes are good.")]
Codes = Annotated[Path | None, typer.Option(help="File to write the codes to; default: the terminal.")]

_console = Console(highlight=False, soft_wrap=True, markup=False)


@roster.command("import")
def import_(
    table: Annotated[
        Path, typer.Argument(help="XLSX or CSV with the heads 学号, 姓名, 班级 and, if wanted, 身份, 用户名.")
    ],
    school: Annotated[str, typer.Option(help="The school's name; `platform` for the administrators of all.")],
    days: Days = 30,
    codes: Codes = None,
) -> None:
    """Put a school's roster in force, and invite those who are new in it to choose a password."""
    with reported():
        data_dir = load_settings().data_dir
        make_data_dir(data_dir)
        try:
            content = table.read_bytes()
        except OSError as error:
            msg = f"{table}: cannot be read ({error.strerror})"
            raise AccountsError(msg) from error
        change = write_roster(data_dir, school, content, str(table))
        _hand_out(Invitations(invitations_file(data_dir)).issue(change.new, days), codes)
        told = f"{len(change.people)} people in the roster of {school}: {len(change.new)} new, {len(change.gone)} gone."
        _console.print(told)


@roster.command()
def invite(
    names: Annotated[list[str], typer.Argument(help="Names of people in a roster.")],
    days: Days = 30,
    codes: Codes = None,
) -> None:
    """Invite people to choose a password, the first or, when it is forgotten, another."""
    with reported():
        settings = load_settings()
        directory = Directory(settings.data_dir, "roster")
        for name in names:
            if directory.person(name) is None:
                msg = f"{name!r} stands in no roster; import one that names her first"
                raise AccountsError(msg)
        _hand_out(Invitations(invitations_file(settings.data_dir)).issue(names, days), codes)


def _hand_out(codes: dict[str, str], target: Path | None) -> None:
    if not codes:
        return
    text = io.StringIO()
    csv.writer(text).writerows([("用户名 username", "邀请码 code"), *codes.items()])
    if target is None:
        typer.echo(text.getvalue(), nl=False)
        return
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        file.write(text.getvalue())
    _console.print(f"{len(codes)} codes are in {target}; hand each to its owner alone.")
