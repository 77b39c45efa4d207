"""Who may do what by OPC UA. Passwords are kept as Argon2 hashes; everybody may watch without an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Self

import yaml
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from twins.errors import AccountsError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Account", "Accounts", "Role"]

Role = Literal["watch", "operate"]

_hasher = PasswordHasher()


class Account(BaseModel):
    """What is known of somebody.

    Parameters
    ----------
    role
        ``watch``: read and subscribe; ``operate``: give commands, too.
    password_hash
        As Argon2 writes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    password_hash: str = Field(repr=False)

    @field_validator("password_hash")
    @classmethod
    def _is_a_hash(cls, value: str) -> str:
        try:
            _hasher.check_needs_rehash(value)
        except InvalidHashError:
            message = "is no Argon2 hash; write accounts with: shixun twin account NAME"
            raise ValueError(message) from None
        return value

    @classmethod
    def with_password(cls, role: Role, password: str) -> Self:
        """Return an account with a password, of which only the hash is kept."""
        return cls(role=role, password_hash=_hasher.hash(password))


class Accounts(BaseModel):
    """Accounts by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: Mapping[str, Account] = Field(default={})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of accounts.

        Raises
        ------
        AccountsError
            It cannot be read as one.
        """
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError) as error:
            raise AccountsError(path, str(error)) from error
        except ValidationError as error:
            detail = error.errors(include_url=False, include_input=False)[0]
            raise AccountsError(path, f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}") from error

    def write(self, path: Path) -> None:
        """Write the accounts to a file that only its owner may read."""
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(self.model_dump(), allow_unicode=True), encoding="utf-8")

    def plus(self, name: str, account: Account) -> Self:
        """Return these accounts with one more, or one changed."""
        return self.model_copy(update={"accounts": {**self.accounts, name: account}})

    def role_of(self, name: str, password: str) -> Role | None:
        """Return what somebody may do; None: there is no such account, or the password is another."""
        account = self.accounts.get(name)
        try:
            # Who is not known takes as long as who is.
            _hasher.verify(account.password_hash if account else _NOBODY, password)
        except VerificationError:
            return None
        return account.role if account else None


_NOBODY = _hasher.hash("nobody")
