"""The demo school's accounts: a file with a random password for each, readable by its owner alone."""

import json
import os
import stat
from collections import Counter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hub_config.codes import draw_code
from hub_config.errors import AccountsError
from hub_config.person import AccountRole, Person

SCHOOL_GROUP = "demo-school"
CLASS_GROUP = "demo-class"

_PRIVATE = 0o600


_DEMO_NAMES = {
    AccountRole.STUDENT: "student",
    AccountRole.INSTRUCTOR: "teacher",
    AccountRole.SCHOOL_ADMINISTRATOR: "school-admin",
    AccountRole.PLATFORM_ADMINISTRATOR: "platform-admin",
}


class Account(BaseModel):
    """One account of the demo school."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    password: str = Field(min_length=12, repr=False)
    role: AccountRole

    @property
    def person(self) -> Person:
        """Whose account it is: everybody is of the demo school, and of its one class."""
        outside = self.role is AccountRole.PLATFORM_ADMINISTRATOR
        inside = self.role in {AccountRole.STUDENT, AccountRole.INSTRUCTOR}
        return Person(
            name=self.name,
            role=self.role,
            school="" if outside else SCHOOL_GROUP,
            classes=(CLASS_GROUP,) if inside else (),
        )


_ACCOUNTS = TypeAdapter(tuple[Account, ...])


def accounts_file(data_dir: Path) -> Path:
    """Name the accounts file of a data folder."""
    return data_dir / "accounts.json"


def read_accounts(path: Path) -> tuple[Account, ...]:
    """Read an accounts file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple[Account, ...]
        Its accounts, in the file's order.

    Raises
    ------
    AccountsError
        When the file is missing, malformed, names an account twice, or is open to others than its owner.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except FileNotFoundError:
        msg = f"{path}: no such accounts file; `shixun start` makes one"
        raise AccountsError(msg) from None
    if mode & ~_PRIVATE:
        msg = (
            f"{path}: permissions {mode:04o} let others see the passwords, at most 0600 is allowed; "
            f"run: chmod 600 {path}"
        )
        raise AccountsError(msg)
    try:
        accounts = _ACCOUNTS.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        msg = f"{path}: {place}: {first['msg']}; correct it, or delete the file to have new accounts made"
        raise AccountsError(msg) from None
    for name, times in Counter(account.name for account in accounts).items():
        if times > 1:
            msg = f"{path}: name: {name!r} stands {times} times; an account's name must be unique"
            raise AccountsError(msg)
    return accounts


def ensure_accounts(path: Path) -> tuple[Account, ...]:
    """Read an accounts file, making one with random passwords where there is none.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple[Account, ...]
        One account a role.

    Raises
    ------
    AccountsError
        As `read_accounts`.
    """
    if not path.exists():
        accounts = [{"name": _DEMO_NAMES[role], "password": draw_code(), "role": role.value} for role in AccountRole]
        # Created with the right permissions: there is no moment at which others could read it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(accounts, indent=2) + "\n")
    return read_accounts(path)
