"""The commands ``shixun ledger`` and ``shixun outcome``."""

import json
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from grading.database import Database
from grading.errors import GradingError
from grading.outcomes import Outcomes
from grading.recomputation import recompute
from grading.seeds import HeldOutSeeds
from grading.settings import GradingSettings
from hub_config.errors import SettingsError
from shixun.composition import load_settings

__all__ = ["grading_settings", "ledger", "outcome"]

ledger = typer.Typer(help="The ledger of outcomes.", no_args_is_help=True)
outcome = typer.Typer(help="Single outcomes.", no_args_is_help=True)

_console = Console(highlight=False, soft_wrap=True, markup=False)
_errors = Console(stderr=True, style="red", highlight=False, soft_wrap=True, markup=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def grading_settings() -> GradingSettings:
    """Return the settings of the grading service, or end the command with what is wrong with them."""
    try:
        load_settings()
    except SettingsError as error:
        _errors.print(f"Error: {error}")
        raise typer.Exit(1) from error
    return GradingSettings()


@ledger.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Check every learner's chain of outcomes; exit code 1 where a row was changed, removed or re-ordered."""
    database = Database(grading_settings().database)
    try:
        database.upgrade()
        found = Outcomes(database).breaks()
    finally:
        database.close()
    if as_json:
        rows = [
            {"learner": b.learner, "seq": b.seq, "outcome_id": b.outcome_id and str(b.outcome_id), "reason": b.reason}
            for b in found
        ]
        typer.echo(json.dumps({"whole": not found, "breaks": rows}, indent=2))
    elif not found:
        _console.print("Every chain holds.")
    for each in () if as_json else found:
        _errors.print(f"{each.learner}: {each.reason} (outcome {each.outcome_id or 'gone'})")
    if found:
        raise typer.Exit(1)


@outcome.command("recompute")
def recompute_outcome(
    outcome_id: Annotated[UUID, typer.Argument(help="Id of the outcome.")], as_json: AsJson = False
) -> None:
    """Simulate and score an outcome again; exit code 1 unless it gives the same bytes."""
    settings = grading_settings()
    database = Database(settings.database)
    try:
        database.upgrade()
        found = Outcomes(database).get(outcome_id)
        if found is None:
            _errors.print(f"Error: outcome = {outcome_id} is not in the ledger.")
            raise typer.Exit(1)
        again = recompute(database, HeldOutSeeds.read(settings.secret_file), found)
    except GradingError as error:
        _errors.print(f"Error: {error}")
        raise typer.Exit(1) from error
    finally:
        database.close()
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "outcome_id": str(outcome_id),
                    "same": again.same,
                    "hash_holds": again.hash_holds,
                    "sha256": again.sha256,
                    "engine_recorded": again.engine_recorded,
                    "engine_now": again.engine_now,
                },
                indent=2,
            )
        )
    else:
        _console.print(f"Recorded with {again.engine_recorded}, computed again with {again.engine_now}.")
        _console.print(f"sha256 of what was computed: {again.sha256}")
        _console.print("The same bytes." if again.same else "NOT the same bytes.")
        if not again.hash_holds:
            _errors.print("The outcome's own hash does not fit its content: the row was changed.")
    if not again.same or not again.hash_holds:
        raise typer.Exit(1)
