"""`shixun start`, whole: real hub, proxy, grading service and Redis; sessions as local processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_config.accounts import accounts_file
from shixun.leftovers import find_leftovers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(training_base: Any) -> Any:
    return training_base("process")


def test_a_newcomer_is_told_where_to_go_and_that_sessions_are_not_isolated(base: Any) -> None:
    text = base.output.read_text()
    assert base.url in text
    assert all(account.password in text for account in base.accounts.values())
    assert "not isolated" in text
    assert "不隔离" in text


def test_the_login_page_comes_in_both_languages_with_the_warning(base: Any) -> None:
    page = httpx.get(f"{base.url}/hub/login", timeout=60).text
    for words in ("登录", "Log in", "用户名", "Password", "不隔离", "not isolated"):
        assert words in page
    assert "https://" not in page.replace("https://jupyterhub.readthedocs.io", "")


def test_a_wrong_password_is_refused_in_both_languages(base: Any) -> None:
    with base.browse() as client:
        client.get("/hub/login")
        form = {"username": "student", "password": "wrong", "_xsrf": client.cookies.get("_xsrf", path="/hub/")}
        answer = client.post("/hub/login", data=form)
    assert answer.status_code == 403
    assert "用户名或密码不正确" in answer.text


def test_a_student_arrives_at_the_labs(base: Any) -> None:
    with base.browse("student") as client:
        page = client.get("/")
    assert page.url.path == "/services/grading/"
    assert page.status_code == 200


def _scopes(base: Any, role: str) -> set[str]:
    """What a person may do, by a token that inherits everything."""
    with base.browse(role) as client:
        name = base.account(role).name
        token = client.post(f"/hub/api/users/{name}/tokens", json={"note": "test"}).json()["token"]
    model = httpx.get(f"{base.url}/hub/api/user", headers={"Authorization": f"token {token}"}, timeout=60).json()
    return {scope for scope in model["scopes"] if scope.startswith("custom:")}


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("student", {"custom:grading:read!user=student"}),
        (
            "instructor",
            {
                "custom:grading:read!user=teacher",
                "custom:grading:read!group=demo-class",
                "custom:grading:manage!group=demo-class",
            },
        ),
        (
            "school-administrator",
            {
                "custom:grading:read!user=school-admin",
                "custom:grading:read!group=demo-school",
                "custom:grading:manage!group=demo-school",
            },
        ),
        ("platform-administrator", {"custom:grading:read", "custom:grading:manage"}),
    ],
)
def test_who_may_read_whose_outcomes(base: Any, role: str, scopes: set[str]) -> None:
    assert _scopes(base, role) == scopes | {"custom:grading:submit"}


def test_an_instructor_sees_her_class_and_nobody_else(base: Any) -> None:
    with base.browse("instructor") as client:
        names = {user["name"] for user in client.get("/hub/api/users").json()}
        assert names == {"student"}
        assert client.get("/hub/api/groups/demo-class").json()["users"] == ["student"]
        assert client.get("/hub/api/groups/demo-school").status_code == 404


def test_a_session_runs_in_a_home_of_its_own(base: Any) -> None:
    base.start_session("student")
    home = base.data_dir / "homes/student"
    assert home.stat().st_mode & 0o777 == 0o700
    assert list(home.rglob("*.ipynb"))
    base.stop_session("student")


def test_a_second_start_on_the_same_data_is_refused(base: Any) -> None:
    environment = os.environ | {"SHIXUN_DATA_DIR": str(base.data_dir), "SHIXUN_SESSION": "process"}
    second = subprocess.run(
        [Path(sys.executable).parent / "shixun", "start"], env=environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert f"pid {base.process.pid}" in second.stderr


def test_ctrl_c_stops_everything_and_the_accounts_stay(training_base: Any) -> None:
    base = training_base("process")
    base.start_session("student")
    assert {each.program for each in find_leftovers(base.data_dir)} >= {
        "hub",
        "proxy",
        "grading service",
        "grading worker",
        "Redis",
        "session",
    }
    before = accounts_file(base.data_dir).read_text()
    assert base.stop() == 0
    assert find_leftovers(base.data_dir) == []
    again = training_base("process", base.data_dir)
    assert accounts_file(base.data_dir).read_text() == before
    assert again.stop() == 0


@pytest.mark.fault
@pytest.mark.parametrize("victim", ["hub", "Redis"])
def test_the_death_of_a_part_stops_the_rest_and_is_told(training_base: Any, victim: str) -> None:
    base = training_base("process")
    base.start_session("student")
    os.kill(next(each.pid for each in find_leftovers(base.data_dir) if each.program == victim), signal.SIGKILL)
    assert base.process.wait(120) == 1
    assert find_leftovers(base.data_dir) == []
    assert "ended by itself (signal 9)" in base.output.read_text()


@pytest.mark.fault
def test_what_a_killed_start_left_behind_is_ended_by_the_next_which_says_so(training_base: Any) -> None:
    base = training_base("process")
    hub = next(each.pid for each in find_leftovers(base.data_dir) if each.program == "hub")
    base.process.kill()
    base.process.wait()
    os.kill(hub, signal.SIGKILL)
    left = [each for each in find_leftovers(base.data_dir) if each.pid != hub]
    assert "proxy" in {each.program for each in left}
    again = training_base("process", base.data_dir)
    text = again.output.read_text()
    assert all(f"(pid {each.pid})" in text for each in left)
    with again.browse("student") as client:
        assert client.get("/").status_code == 200
