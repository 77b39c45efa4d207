"""A school's people at a real hub: invited, logged in, moved and gone."""

import base64
import csv
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_config.rosters import roster_file

HEADS = "学号,姓名,班级,身份\n"
STUDENT, OTHER, TEACHER = "001,李明,class-1,\n", "002,王芳,class-2,\n", "t01,张老师,class-1,教师\n"
PASSWORD = "一个足够长的好密码啊"  # noqa: S105 of nobody


def _roster(data_dir: Path, *arguments: str) -> dict[str, str]:
    """Run ``shixun roster`` and return the codes."""
    codes = data_dir.parent / "codes.csv"
    codes.unlink(missing_ok=True)
    done = subprocess.run(
        [Path(sys.executable).parent / "shixun", "roster", *arguments, "--codes", codes],
        env=os.environ | {"SHIXUN_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if not codes.exists():
        return {}
    with codes.open(encoding="utf-8-sig", newline="") as file:
        return dict(list(csv.reader(file))[1:])


def _import(data_dir: Path, *rows: str) -> dict[str, str]:
    table = data_dir.parent / "table.csv"
    table.write_text(HEADS + "".join(rows), encoding="utf-8")
    return _roster(data_dir, "import", str(table), "--school", "north")


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    """Codes of invitations by name, once the base has its roster."""
    return {}


@pytest.fixture(scope="module")
def base(training_base: Any, tmp_path_factory: pytest.TempPathFactory, codes: dict[str, str]) -> Any:
    data_dir = tmp_path_factory.mktemp("school") / "var"
    codes |= _import(data_dir, STUDENT, OTHER, TEACHER)
    return training_base("process", data_dir, identity="roster")


def _client(base: Any) -> httpx.Client:
    return httpx.Client(base_url=base.url, follow_redirects=True, timeout=60, trust_env=False)


def _send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    client.get(path)
    return client.post(path, data=fields | {"_xsrf": client.cookies.get("_xsrf", path="/hub/")})


def _choose(client: httpx.Client, name: str, code: str, password: str = PASSWORD, repeated: str = "") -> httpx.Response:
    fields = {"username": name, "code": code, "password": password, "repeated": repeated or password}
    return _send(client, "/hub/invitation", **fields)


def _enter(client: httpx.Client, name: str, password: str = PASSWORD) -> bool:
    answer = _send(client, "/hub/login", username=name, password=password)
    client.headers["X-XSRFToken"] = client.cookies.get("_xsrf", path="/hub/") or ""
    return answer.url.path != "/hub/login"


def test_nobody_signs_up(base: Any) -> None:
    with _client(base) as client:
        page = client.get("/hub/login")
        assert "首次登录" in page.text
        assert "sign" not in page.text.lower().replace("signin", "")
        assert client.get("/hub/signup").status_code == 404
        assert client.get("/hub/authorize").status_code == 404


def test_an_invitation_is_no_password_and_leads_to_one(base: Any, codes: dict[str, str]) -> None:
    name = "north-001"
    with _client(base) as client:
        assert not _enter(client, name, codes[name])
        for fault, password, repeated in (
            ("两次输入", PASSWORD, PASSWORD + "x"),
            ("至少 10", "短", "短"),
            ("太常见", "1234567890", "1234567890"),
            ("太长", "长" * 25, "长" * 25),
        ):
            answer = _choose(client, name, codes[name], password, repeated)
            assert answer.status_code == 403
            assert fault in answer.text
        assert _choose(client, name, codes["north-002"]).status_code == 403
        assert _choose(client, name, codes[name]).url.path == "/hub/login"
        # Used up.
        assert _choose(client, name, codes[name], "another password").status_code == 403
        assert not _enter(client, name, "another password")
        assert not _enter(client, name, "长" * 40)
        assert _enter(client, name)


def test_everybody_is_what_the_roster_says(base: Any, codes: dict[str, str]) -> None:
    with _client(base) as client:
        _choose(client, "north-t01", codes["north-t01"])
        assert _enter(client, "north-t01")
        me = client.get("/hub/api/user").json()
        assert me["groups"] == ["north"]
        assert not me["admin"]
        assert "custom:grading:manage!group=class-1" in me["scopes"]
        assert not [scope for scope in me["scopes"] if scope.endswith("group=class-2")]
        # Her class is whole although not everybody has come.
        assert client.get("/hub/api/groups/class-1").json()["users"] == ["north-001"]
        assert {user["name"] for user in client.get("/hub/api/users").json()} == {"north-001"}


def test_a_password_is_changed_by_who_knows_the_old_one(base: Any, codes: dict[str, str]) -> None:
    new = "一个新的足够长的密码"
    with _client(base) as client:
        _choose(client, "north-002", codes["north-002"])
        assert _enter(client, "north-002")
        assert _send(client, "/hub/password", old="wrong", password=new, repeated=new).status_code == 403
        assert _send(client, "/hub/password", old=PASSWORD, password=new, repeated=new).url.path == "/hub/home"
    with _client(base) as client:
        assert not _enter(client, "north-002")
        assert _enter(client, "north-002", new)
    forgotten = _roster(base.data_dir, "invite", "north-002")
    with _client(base) as client:
        _choose(client, "north-002", forgotten["north-002"])
        assert _enter(client, "north-002")


def test_a_schools_office_puts_a_roster_in_force_on_a_page(base: Any) -> None:
    office = "office,教务处,,学校管理员\n"
    codes = _import(base.data_dir, STUDENT, OTHER, TEACHER, office)
    with _client(base) as client:
        _choose(client, "north-office", codes["north-office"])
        assert _enter(client, "north-office")
        page = client.get("/hub/people")
        assert "class-1, class-2" in page.text
        assert 'name="school" value="platform"' not in page.text

        # Wrong rows are named, in both languages.
        answer = _upload(client, HEADS + STUDENT + "x,甲,Class 9,校长\n")
        assert answer.status_code == 422
        assert "第 3 行" in answer.text
        assert "身份 &#39;校长&#39;" in answer.text
        assert "class &#39;Class 9&#39;" in answer.text
        # Nobody locks herself out, and nobody touches another school's roster.
        assert "locked out" in _upload(client, HEADS + STUDENT).text
        assert _upload(client, HEADS + STUDENT, school="south").status_code == 403

        table = HEADS + STUDENT + TEACHER + office + "004,新生,class-2,\n"
        checked = _upload(client, table)
        assert "尚未生效" in checked.text
        assert "north-002" in checked.text
        assert "north-004" not in roster_file(base.data_dir, "north").read_text(encoding="utf-8")
        content = base64.b64encode(table.encode()).decode()
        done = _send(client, "/hub/people", school="north", act="import", content=content)
        assert "已生效" in done.text
        (code,) = re.findall(r"<td>north-004</td><td>([^<]+)</td>", done.text)
        again = _send(client, "/hub/people", school="north", act="invite", username="north-001")
        assert "<td>north-001</td>" in again.text
        assert _send(client, "/hub/people", school="north", act="invite", username="nobody").status_code == 422
        log = (base.data_dir / "log/hub.log").read_text(encoding="utf-8")
        assert "Audit: north-office: accounts.import north (4 people, 1 new, 1 gone, 0 changed)" in log
    with _client(base) as client:
        _choose(client, "north-004", code)
        assert _enter(client, "north-004")
        assert client.get("/hub/people").status_code == 403
        assert "/hub/people" not in client.get("/hub/home").text
        assert client.get("/hub/admin").status_code == 403
        tokens = client.get("/hub/token").text
        assert "访问令牌" in tokens
        assert "Request new API token" not in tokens
        assert _send(client, "/hub/people", school="north", act="invite", username="north-001").status_code == 403


def _upload(client: httpx.Client, table: str, school: str = "north") -> httpx.Response:
    fields = {"school": school, "act": "check", "_xsrf": client.cookies.get("_xsrf", path="/hub/")}
    return client.post("/hub/people", data=fields, files={"roster": ("north.csv", table.encode("gb18030"))})


def test_who_is_new_comes_in_without_a_restart_and_who_is_gone_does_not(base: Any) -> None:
    codes = _import(base.data_dir, STUDENT, TEACHER, "003,新生,class-3,\n")
    assert set(codes) == {"north-003"}
    with _client(base) as client:
        _choose(client, "north-003", codes["north-003"])
        assert _enter(client, "north-003")
        assert client.get("/hub/api/user").json()["groups"] == ["class-3", "north"]
    with _client(base) as client:
        assert not _enter(client, "north-002")


def test_many_wrong_passwords_close_a_name_for_a_while(base: Any) -> None:
    with _client(base) as client:
        for _ in range(10):
            assert not _enter(client, "north-001", "wrong")
        assert not _enter(client, "north-001")
        assert _enter(client, "north-t01")
