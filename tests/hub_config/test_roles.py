"""Roles and scopes, as they are configured; what a running hub makes of them is in test_sessions and test_people."""

from pathlib import Path
from typing import Any

import pytest
from jupyterhub.scopes import _check_scopes_exist, define_custom_scopes
from traitlets.config import Config

from hub_config.accounts import accounts_file, ensure_accounts
from hub_config.people import Directory
from hub_config.roles import (
    BROWSER_SCOPES,
    CUSTOM_SCOPES,
    SESSION_SCOPES,
    USER_SCOPES,
    apply_roles,
    person_roles,
    staff_roles,
)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    ensure_accounts(accounts_file(tmp_path))
    return Directory(tmp_path, "demo")


@pytest.fixture
def roles(directory: Directory) -> dict[str, dict[str, Any]]:
    return {role["name"]: role for role in staff_roles(directory)}


def test_jupyterhub_knows_every_scope(roles: dict[str, dict[str, Any]]) -> None:
    define_custom_scopes(CUSTOM_SCOPES)
    named = {scope for role in roles.values() for scope in role["scopes"]}
    _check_scopes_exist([*named, *USER_SCOPES, *SESSION_SCOPES, *BROWSER_SCOPES], who_for="the test")


def test_teaching_is_bound_to_the_class_and_administration_to_the_school(roles: dict[str, dict[str, Any]]) -> None:
    assert roles["instructor-demo-class"]["users"] == ["teacher"]
    assert all(scope.endswith("!group=demo-class") for scope in roles["instructor-demo-class"]["scopes"])
    assert roles["administrator-demo-school"]["users"] == ["school-admin"]
    assert all(scope.endswith("!group=demo-school") for scope in roles["administrator-demo-school"]["scopes"])


def test_nobody_but_the_platform_administrator_reads_every_outcome(roles: dict[str, dict[str, Any]]) -> None:
    readers = {
        name for name, role in roles.items() if {"custom:grading:read", "custom:grading:manage"} & set(role["scopes"])
    }
    assert readers == {"platform-administrator"}


def test_nobody_is_given_access_to_the_sessions_of_others(roles: dict[str, dict[str, Any]]) -> None:
    named = {scope for role in roles.values() for scope in role["scopes"]}
    assert not {scope for scope in named if scope.startswith(("access:servers", "servers", "admin:servers"))}


def test_everybody_keeps_the_role_that_jupyterhub_gives_its_users(directory: Directory) -> None:
    """Whatever role an authenticator does not name is taken away at the log-in."""
    for person in directory.people().values():
        names = [role["name"] for role in person_roles(person, directory)]
        assert names[0] == "user"
        assert ("admin" in names) == (person.name == "platform-admin")


def test_a_session_is_bound_to_its_own_student(roles: dict[str, dict[str, Any]]) -> None:
    unbound = [scope for scope in SESSION_SCOPES if not scope.endswith(("!user", "!server", "!service=grading"))]
    assert unbound == []


def test_configuring_twice_sets_the_same() -> None:
    once, twice = Config(), Config()
    once.JupyterHub.services = twice.JupyterHub.services = [{"name": "grading"}, {"name": "pool"}]
    apply_roles(once)
    apply_roles(twice)
    apply_roles(twice)
    assert once == twice
    assert [role["name"] for role in once.JupyterHub.load_roles] == ["grading-service", "pool-service"]
