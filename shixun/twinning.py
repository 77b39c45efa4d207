"""``shixun twin``: live twins, and the logs that they leave."""

import asyncio
import json
import signal
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hub_config.errors import SettingsError
from shixun.composition import load_settings
from shixun.errors import StartError
from shixun.filming import glb
from shixun.ports import require_free
from shixun.viewing import view
from simulators import DocumentError, SimulatorError, UnknownKindError, load_scenario
from twins.errors import AccountsError, LogError, TwinError
from twins.live import Live
from twins.pacing import FASTEST, Pace
from twins.twin import Twin

__all__ = ["twin"]

BAD_INPUT = 2


class RoleName(StrEnum):
    """What somebody may do by OPC UA."""

    WATCH = "watch"
    OPERATE = "operate"


twin = typer.Typer(help="Digital twins: plants followed in time.", no_args_is_help=True)
twin.command()(view)
twin.command()(glb)
_console = Console()


@twin.command()
def serve(
    scenario: Annotated[Path, typer.Argument(help="A scenario.yaml.")],
    seed: Annotated[int, typer.Option(min=0, help="Decides every random number.")] = 1,
    speed: Annotated[float, typer.Option(max=FASTEST, help="Seconds of the plant in one second.")] = 1.0,
    from_s: Annotated[float, typer.Option("--from", min=0, help="Begin there, in seconds of the plant.")] = 0.0,
    log: Annotated[
        Path | None, typer.Option(help="File that keeps what is done; where it is there, the twin goes on.")
    ] = None,
    page: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of a page with the plant in 3-D.")] = None,
    feed: Annotated[str | None, typer.Option(help="Name under which the twin is published.")] = None,
    redis: Annotated[str | None, typer.Option(help="Address of Redis; default: a server of its own.")] = None,
    opcua: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of an OPC UA server.")] = None,
    host: Annotated[str, typer.Option(help="Where the OPC UA server listens.")] = "127.0.0.1",
    accounts: Annotated[
        Path | None, typer.Option(help="Who may operate by OPC UA; without it everybody may only watch.")
    ] = None,
) -> None:
    """Run a live twin until Ctrl-C, or to its horizon."""
    # Late: pages and servers need much that other commands do not.
    from shixun import twin_parts

    with _reported(), ExitStack() as stack:
        data_dir = load_settings().data_dir
        plant = stack.enter_context(Twin(load_scenario(scenario), seed, log=log))
        if plant.time_s < from_s:
            plant.advance(from_s)
        live = Live(plant, Pace(plant.time_s, speed))
        parts: list[AbstractAsyncContextManager[str]] = []
        if feed or page:
            name = feed or f"{scenario.resolve().parent.name}-{seed}"
            url = redis or stack.enter_context(twin_parts.own_redis())
            parts.append(twin_parts.feed(live, url, name))
        if page:
            require_free("127.0.0.1", page, "--page")
            parts.append(twin_parts.page(live, url, name, page))
        if opcua is not None:
            require_free(host, opcua, "--opcua")
            parts.append(twin_parts.opcua(live, host, opcua, data_dir / "opcua", accounts))
        _say(f"孪生在运行，按 Ctrl-C 停止 · The twin runs from {plant.time_s:g} s at {speed:g} ×; Ctrl-C ends it.")
        asyncio.run(_until_stopped(twin_parts.keep(live, parts, _say)))
        where = f"t = {plant.time_s:g} s, {plant.rows:,} 个事件 · events"
        _say(f"已停止 · Stopped: {where}" + (f", {log}" if log else ""))


async def _until_stopped(work: Coroutine[object, object, None]) -> None:
    """Do some work until it is done, or the process is told to end."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


@twin.command()
def replay(
    log: Annotated[Path, typer.Argument(help="A twin's log.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Live through once more what a log tells, and check that it comes out the same; exit code 1 if it does not."""
    with _reported():
        told = Twin.replay(log)
    if as_json:
        given = [one.__dict__ for one in told.given]
        content = {"kind": told.scenario.kind, "seed": told.seed, "time_s": told.time_s, "events": told.rows}
        typer.echo(json.dumps({**content, "digest": told.digest, "commands": given}, ensure_ascii=False, indent=2))
        return
    table = Table(title="命令 · Commands", title_justify="left")
    for heading in ("#", "t / s", "谁 · who", "何时 · when", "命令 · command"):
        table.add_column(heading)
    for one in told.given:
        fields = ", ".join(f"{name}={value}" for name, value in one.command.items() if name != "command")
        row = (str(one.number), f"{one.time_s:g}", one.who, one.at, f"{one.command['command']} {fields}")
        table.add_row(*row)
    _console.print(table)
    _say(f"重放一致 · The same as then: t = {told.time_s:g} s, {told.rows:,} 个事件 · events, {told.digest[:16]}")


@twin.command()
def account(
    name: Annotated[str, typer.Argument(help="Of whom.")],
    file: Annotated[Path, typer.Option(help="File of accounts.")],
    role: Annotated[RoleName, typer.Option(help="operate: give commands, too.")] = RoleName.OPERATE,
) -> None:
    """Give somebody an account for OPC UA, or another password; asks for it."""
    from twins.opcua.accounts import Account, Accounts

    password = typer.prompt("密码 · Password", hide_input=True, confirmation_prompt=True)
    with _reported():
        known = Accounts.read(file) if file.exists() else Accounts()
        known.plus(name, Account.with_password(role.value, password)).write(file)
    _say(f"{name}: {role.value} · {file}")


def _say(line: str) -> None:
    _console.print(line, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _reported() -> Iterator[None]:
    """Turn errors into a message and an exit code."""
    try:
        yield
    except (SimulatorError, TwinError, SettingsError, StartError, OSError, ValueError) as error:
        Console(stderr=True).print(f"Error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        bad_input = (DocumentError, UnknownKindError, AccountsError, LogError, SettingsError)
        raise typer.Exit(BAD_INPUT if isinstance(error, bad_input) else 1) from error
