"""Who may log in, and what everybody then is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from hub_config.accounts import Account, accounts_file, ensure_accounts
from hub_config.authentication import apply_authentication
from hub_config.errors import AccountsError
from hub_config.identity import DemoAuthenticator, check_password
from hub_config.people import Directory
from hub_config.person import AccountRole
from hub_config.settings import HubSettings


@pytest.fixture
def accounts(tmp_path: Path) -> tuple[Account, ...]:
    return ensure_accounts(accounts_file(tmp_path))


@pytest.fixture
def config(tmp_path: Path, accounts: tuple[Account, ...]) -> Config:
    c = Config()
    apply_authentication(c, HubSettings(data_dir=tmp_path), Directory(tmp_path, "demo"))
    return c


def _login(config: Config, name: str, password: str) -> dict[str, Any] | None:
    authenticator = DemoAuthenticator(config=config)
    return asyncio.run(authenticator.authenticate(None, {"username": name, "password": password}))


def test_every_account_logs_in_with_its_password(config: Config, accounts: tuple[Account, ...]) -> None:
    for each in accounts:
        model = _login(config, each.name, each.password)
        assert model is not None
        assert model["name"] == each.name
        assert model["groups"] == list(each.person.groups)


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


def test_who_is_in_the_directory_is_allowed_and_nobody_else(config: Config, accounts: tuple[Account, ...]) -> None:
    authenticator = DemoAuthenticator(config=config)
    assert all(asyncio.run(authenticator.check_allowed(each.name)) for each in accounts)
    assert not asyncio.run(authenticator.check_allowed("nobody"))


def test_only_the_platform_administrator_administers_the_hub(config: Config, accounts: tuple[Account, ...]) -> None:
    by_role = {account.role: account.name for account in accounts}
    assert config.Authenticator.admin_users == {by_role[AccountRole.PLATFORM_ADMINISTRATOR]}
    admins = [each.name for each in accounts if (_login(config, each.name, each.password) or {})["admin"]]
    assert admins == [by_role[AccountRole.PLATFORM_ADMINISTRATOR]]


def test_a_roster_that_breaks_while_people_work_throws_nobody_out(
    config: Config, accounts: tuple[Account, ...], tmp_path: Path
) -> None:
    authenticator = DemoAuthenticator(config=config)
    anne = type("User", (), {"name": accounts[0].name})()
    assert asyncio.run(authenticator.refresh_user(anne))["groups"] == list(accounts[0].person.groups)
    accounts_file(tmp_path).write_text("[")
    assert asyncio.run(authenticator.refresh_user(anne)) is True
    accounts_file(tmp_path).write_text("[]")
    assert asyncio.run(authenticator.refresh_user(anne)) is False
