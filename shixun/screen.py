"""What the start command shows."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hub_config.accounts import Account
from hub_config.pages import NOT_ISOLATED
from hub_config.person import LABELS
from hub_config.settings import HubSettings

_KEPT = ("Building ", "Fetching ", "No image registry")


def accounts_table(accounts: Iterable[Account]) -> Table:
    """Lay the demo accounts out, both languages side by side."""
    table = Table(title="演示学校账号 · Accounts of the demo school", title_justify="left")
    for heading in ("身份 · Role", "用户名 · Name", "密码 · Password"):
        table.add_column(heading, no_wrap=True)
    for account in accounts:
        table.add_row(" · ".join(LABELS[account.role]), account.name, account.password)
    return table


def show_ready(console: Console, settings: HubSettings, accounts: Collection[Account]) -> None:
    """Say where the training base is and who may log in."""
    console.print(Text.assemble("\n实训基地已就绪 · The training base is at ", (settings.public_url, "bold cyan")))
    if accounts:
        console.print(accounts_table(accounts))
    console.print("按 Ctrl-C 停止 · Ctrl-C stops everything.\n")


def warn_not_isolated(console: Console, language: str) -> None:
    """Warn that sessions are local processes, the preferred language first."""
    order = [language, *(other for other in NOT_ISOLATED if other != language)]
    console.print(Panel("\n".join(NOT_ISOLATED[each] for each in order), title="注意 · Warning", style="yellow"))


@contextmanager
def build_progress(console: Console) -> Iterator[Callable[[str], None]]:
    """Show the latest line of a build that takes minutes, and keep in sight what it is doing.

    Yields
    ------
    Callable[[str], None]
        Takes a line.
    """
    with console.status("Looking for the lab image ...") as status:

        def say(line: str) -> None:
            first = line.splitlines()[0]
            if first.startswith(_KEPT):
                console.print(Text(first, style="dim"), no_wrap=True, overflow="ellipsis")
            status.update(Text(first[: max(20, console.width - 6)]))

        yield say
