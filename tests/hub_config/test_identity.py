"""Who may log in."""

import asyncio
from pathlib import Path

import pytest
from traitlets.config import Config

from hub_config.accounts import Account, AccountRole, accounts_file, ensure_accounts
from hub_config.errors import AccountsError
from hub_config.identity import DemoAuthenticator, apply_identity, check_password
from hub_config.settings import HubSettings


@pytest.fixture
def accounts(tmp_path: Path) -> tuple[Account, ...]:
    return ensure_accounts(accounts_file(tmp_path))


@pytest.fixture
def config(tmp_path: Path, accounts: tuple[Account, ...]) -> Config:
    c = Config()
    apply_identity(c, HubSettings(data_dir=tmp_path), accounts)
    return c


def _login(config: Config, name: str, password: str) -> str | None:
    authenticator = DemoAuthenticator(config=config)
    return asyncio.run(authenticator.authenticate(None, {"username": name, "password": password}))


def test_every_account_logs_in_with_its_password(config: Config, accounts: tuple[Account, ...]) -> None:
    assert [_login(config, each.name, each.password) for each in accounts] == [each.name for each in accounts]


def test_nobody_logs_in_otherwise(config: Config, accounts: tuple[Account, ...]) -> None:
    student, teacher, *_ = accounts
    for name, password in [
        (student.name, teacher.password),
        (student.name, ""),
        (student.name, student.password + " "),
        (student.name.upper(), student.password),
        ("nobody", student.password),
        ("nobody", "no such account"),
        ("", ""),
        (student.name, "密码"),
    ]:
        assert _login(config, name, password) is None, (name, password)


def test_a_missing_field_is_a_wrong_password(accounts: tuple[Account, ...]) -> None:
    assert check_password({each.name: each for each in accounts}, "", "") is None


def test_nobody_logs_in_while_the_accounts_are_open_to_others(
    config: Config, accounts: tuple[Account, ...], tmp_path: Path
) -> None:
    accounts_file(tmp_path).chmod(0o644)
    with pytest.raises(AccountsError, match="0644"):
        _login(config, accounts[0].name, accounts[0].password)


def test_only_the_platform_administrator_administers_the_hub(config: Config, accounts: tuple[Account, ...]) -> None:
    by_role = {account.role: account.name for account in accounts}
    assert config.Authenticator.admin_users == {by_role[AccountRole.PLATFORM_ADMINISTRATOR]}
    assert config.Authenticator.allowed_users == set(by_role.values())
    assert config.JupyterHub.load_groups == {
        "demo-class": {"users": [by_role[AccountRole.STUDENT]]},
        "demo-school": {
            "users": [
                by_role[AccountRole.STUDENT],
                by_role[AccountRole.INSTRUCTOR],
                by_role[AccountRole.SCHOOL_ADMINISTRATOR],
            ]
        },
    }
