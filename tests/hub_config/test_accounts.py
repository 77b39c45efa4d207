"""The accounts file: made once, random, private, and refused where it is not."""

import json
from pathlib import Path

import pytest

from hub_config.accounts import CLASS_GROUP, SCHOOL_GROUP, ensure_accounts, read_accounts
from hub_config.errors import AccountsError
from hub_config.person import AccountRole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.json"


def test_one_account_a_role_is_made_with_passwords_of_its_own(path: Path) -> None:
    accounts = ensure_accounts(path)
    assert [account.role for account in accounts] == list(AccountRole)
    assert len({account.password for account in accounts}) == len(accounts)
    assert path.stat().st_mode & 0o777 == 0o600


def test_accounts_stay_once_made(path: Path) -> None:
    assert ensure_accounts(path) == ensure_accounts(path)


def test_two_schools_have_different_passwords(tmp_path: Path) -> None:
    first, second = ensure_accounts(tmp_path / "1"), ensure_accounts(tmp_path / "2")
    assert {each.password for each in first}.isdisjoint(each.password for each in second)


def test_groups_follow_the_role(path: Path) -> None:
    groups = {account.role: set(account.person.groups) for account in ensure_accounts(path)}
    assert groups == {
        AccountRole.STUDENT: {SCHOOL_GROUP, CLASS_GROUP},
        AccountRole.INSTRUCTOR: {SCHOOL_GROUP},
        AccountRole.SCHOOL_ADMINISTRATOR: {SCHOOL_GROUP},
        AccountRole.PLATFORM_ADMINISTRATOR: set(),
    }


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o700])
def test_open_permissions_are_refused(path: Path, mode: int) -> None:
    ensure_accounts(path)
    path.chmod(mode)
    with pytest.raises(AccountsError, match=f"{mode:04o}.*0600.*chmod 600"):
        read_accounts(path)


def _write(path: Path, content: str) -> None:
    path.write_text(content)
    path.chmod(0o600)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"role": "headmaster"}, "0.role"),
        ({"password": "short"}, "0.password"),
        ({"name": "../etc"}, "0.name"),
        ({"admin": True}, "0.admin"),
    ],
)
def test_malformed_accounts_are_named(path: Path, change: dict[str, object], place: str) -> None:
    account = {"name": "li", "password": "long enough it is", "role": "student"} | change
    _write(path, json.dumps([account]))
    with pytest.raises(AccountsError, match=place) as caught:
        read_accounts(path)
    assert str(account["password"]) not in str(caught.value)


def test_a_name_that_stands_twice_is_refused(path: Path) -> None:
    account = {"name": "li", "password": "long enough it is", "role": "student"}
    _write(path, json.dumps([account, account]))
    with pytest.raises(AccountsError, match="'li' stands 2 times"):
        read_accounts(path)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(AccountsError, match=r"accounts\.json.*shixun start"):
        read_accounts(path)
