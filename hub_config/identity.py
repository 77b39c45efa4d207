"""Who may log in: the demo school's accounts."""

import hmac
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Unicode
from traitlets.config import Config

from hub_config.accounts import Account, AccountRole, accounts_file, read_accounts
from hub_config.settings import HubSettings


class DemoAuthenticator(Authenticator):  # type: ignore[misc]  # jupyterhub is untyped
    """Check a password against the accounts file, which is read at each login."""

    accounts_file = Unicode(help="The accounts file.").tag(config=True)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:  # noqa: ANN401
        """Return the account's name, or None where name or password are wrong."""
        accounts = {account.name: account for account in read_accounts(Path(self.accounts_file))}
        return check_password(accounts, data.get("username", ""), data.get("password", ""))


def check_password(accounts: dict[str, Account], name: str, password: str) -> str | None:
    """Compare a password in a time that tells nothing about it, nor about which names exist.

    Parameters
    ----------
    accounts
        The accounts by name.
    name, password
        What was typed.

    Returns
    -------
    str or None
        The account's name, or None where name or password are wrong.
    """
    account = accounts.get(name)
    expected = account.password if account else "no such account"
    equal = hmac.compare_digest(expected.encode(), password.encode())
    return account.name if account and equal else None


def apply_identity(c: Config, settings: HubSettings, accounts: tuple[Account, ...]) -> None:
    """Set who may log in, who administers the hub, and who belongs to which group."""
    c.JupyterHub.authenticator_class = DemoAuthenticator
    c.DemoAuthenticator.accounts_file = str(accounts_file(settings.data_dir))
    c.Authenticator.allowed_users = {account.name for account in accounts}
    c.Authenticator.admin_users = {
        account.name for account in accounts if account.role is AccountRole.PLATFORM_ADMINISTRATOR
    }
    groups: dict[str, list[str]] = {}
    for account in accounts:
        for group in account.groups:
            groups.setdefault(group, []).append(account.name)
    c.JupyterHub.load_groups = {group: {"users": names} for group, names in sorted(groups.items())}
