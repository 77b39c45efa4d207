"""Who may log in, and what everybody is: the part that all ways of logging in share, and the demo school's."""

import hmac
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.orm import Group, Role, User
from sqlalchemy.orm import object_session
from traitlets import Any as Anything
from traitlets import Unicode

from hub_config.accounts import Account, read_accounts
from hub_config.errors import AccountsError
from hub_config.person import AccountRole
from hub_config.roles import person_roles, staff_roles

__all__ = ["DemoAuthenticator", "DirectoryAuthenticator", "check_password"]


class DirectoryAuthenticator(Authenticator):  # type: ignore[misc]  # jupyterhub is untyped
    """Lets in who stands in the directory, and gives everybody the groups and roles that follow from it.

    The directory is asked at each log-in and every few minutes afterwards: who has moved to another class is in it
    without logging in anew, and who was taken off the roster has to log in and cannot.
    """

    directory = Anything(help="Who belongs to the training base, a `Directory`.").tag(config=True)
    grading_url = Unicode(help="Where the grading service keeps the audit log.").tag(config=True)

    def model(self, name: str) -> dict[str, Any] | None:
        """Build what JupyterHub is told about somebody; None for who does not belong here."""
        person = self.directory.person(name)
        if person is None:
            return None
        return {
            "name": name,
            "admin": person.role is AccountRole.PLATFORM_ADMINISTRATOR,
            "groups": list(person.groups),
            "roles": person_roles(person, self.directory),
        }

    async def check_allowed(self, username: str, authentication: Any = None) -> bool:  # noqa: ANN401
        """Tell whether somebody belongs here."""
        return self.directory.person(username) is not None

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> dict[str, Any] | bool:  # noqa: ANN401
        """Tell what somebody who is logged in is now."""
        try:
            return self.model(user.name) or False
        except AccountsError as error:
            # Half a class at work must not be thrown out because somebody edits the roster.
            self.log.warning("%s", error)
            return True

    async def load_managed_roles(self) -> list[dict[str, Any]]:
        """Tell the roles of the staff, so that they are as the directory says before anybody has logged in."""
        return staff_roles(self.directory)

    def check_allow_config(self) -> None:
        """Make everybody known whom the hub does not know yet, so that a class is whole before everybody has come.

        JupyterHub's own way, a list of those allowed, looks for each of them one by one at every start.
        """
        session = self.parent.db
        known = {name for (name,) in session.query(User.name)}
        role = Role.find(session, "user")
        session.add_all(User(name=name, roles=[role]) for name in self.directory.people() if name not in known)
        session.commit()

    def add_user(self, user: Any) -> None:  # noqa: ANN401
        """Put somebody who is known to the hub in her groups, before she has logged in."""
        super().add_user(user)
        person = self.directory.person(user.name)
        record: User = getattr(user, "orm_user", user)
        wanted = set(person.groups) if person else set()
        if {group.name for group in record.groups} != wanted:
            record.groups = [_group(record, name) for name in sorted(wanted)]


def _group(user: User, name: str) -> Group:
    session: Any = object_session(user)
    group = Group.find(session, name)
    if group is None:
        group = Group(name=name)
        session.add(group)
    return group


class DemoAuthenticator(DirectoryAuthenticator):
    """Check a password against the accounts file, which is read at each login."""

    accounts_file = Unicode(help="The accounts file.").tag(config=True)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:  # noqa: ANN401
        """Return who it is, or None where name or password are wrong."""
        accounts = {account.name: account for account in read_accounts(Path(self.accounts_file))}
        name = check_password(accounts, data.get("username", ""), data.get("password", ""))
        return self.model(name) if name else None


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
