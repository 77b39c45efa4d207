"""Accounts, of whose passwords nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twins.errors import AccountsError
from twins.opcua import Account, Accounts

if TYPE_CHECKING:
    from pathlib import Path


def test_a_password_opens_its_own_account_only(tmp_path: Path) -> None:
    path = tmp_path / "accounts.yaml"
    accounts = Accounts().plus("韩梅梅", Account.with_password("operate", "open sesame"))
    accounts.plus("guest", Account.with_password("watch", "guest")).write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "sesame" not in path.read_text(encoding="utf-8")
    read = Accounts.read(path)
    assert read.role_of("韩梅梅", "open sesame") == "operate"
    assert read.role_of("guest", "guest") == "watch"
    assert read.role_of("韩梅梅", "guest") is None
    assert read.role_of("nobody", "nobody") is None
    assert "argon2" not in repr(read)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts: {a: {role: operate, password_hash: secret}}", "accounts.a.password_hash: .*is no Argon2 hash"),
        ("accounts: {a: {role: king, password_hash: x}}", "accounts.a.role"),
        ("accounts: [", "accounts.yaml"),
    ],
)
def test_a_file_that_holds_something_else_is_told_without_its_secrets(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AccountsError, match=message) as caught:
        Accounts.read(path)
    assert "secret" not in str(caught.value)
    with pytest.raises(AccountsError, match="No such file"):
        Accounts.read(tmp_path / "none.yaml")
