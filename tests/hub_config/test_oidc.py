"""Logging in with an OpenID Connect provider, a real one that runs in the test."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from hub_config.errors import AccountsError
from hub_config.oidc import discover
from hub_config.ports import find_free_ports
from hub_config.rosters import write_roster
from hub_config.settings import HubSettings


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a provider that knows three people."""
    (port,) = find_free_ports(1)
    users = [
        json.dumps({"sub": name, "preferred_username": name, "groups": ["platform-administrators"]})
        for name in ("north-001", "boss", "stranger")
    ]
    # In a process of its own, where its libraries may warn each other of their age.
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    log = tmp_path_factory.mktemp("provider") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *(word for user in users for word in ("--user-claims", user))], stdout=output, stderr=output
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _await_answer(f"{url}/.well-known/openid-configuration", process, log)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def base(training_base: Any, provider: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    data_dir = tmp_path_factory.mktemp("oidc") / "var"
    write_roster(data_dir, "north", "学号,班级\n001,class-1\n".encode())
    write_roster(data_dir, "platform", "用户名,身份\nboss,平台管理员\n".encode())
    secret = data_dir / "oidc.secret"
    secret.write_text("a secret\n")
    return training_base(
        "process", data_dir, identity="oidc", oidc_issuer=provider, oidc_client_secret_file=str(secret)
    )


def _await_answer(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    while True:
        try:
            httpx.get(url, timeout=60).raise_for_status()
            return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)


def _enter(client: httpx.Client, provider: str, name: str) -> httpx.Response:
    """Log in as a browser does: to the provider, name oneself there, and back."""
    form = client.get("/hub/oauth_login")
    assert str(form.url).startswith(f"{provider}/oauth2/authorize")
    return client.post(form.url, data={"sub": name})


def test_the_provider_says_who_it_is_and_the_roster_what_she_may(base: Any, provider: str) -> None:
    with httpx.Client(base_url=base.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        page = client.get("/hub/login").text
        assert "用学校账号登录" in page
        assert 'name="password"' not in page
        assert str(_enter(client, provider, "north-001").url).startswith(base.url)
        me = client.get("/hub/api/user", headers={"X-XSRFToken": client.cookies.get("_xsrf", path="/hub/")}).json()
    assert (me["name"], me["groups"], me["admin"]) == ("north-001", ["class-1", "north"], False)
    assert not [scope for scope in me["scopes"] if scope.startswith("custom:grading:manage")]


def test_whom_the_provider_knows_and_no_roster_does_is_refused(base: Any, provider: str) -> None:
    with httpx.Client(base_url=base.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        assert _enter(client, provider, "stranger").status_code == 403
        assert client.get("/hub/api/user").status_code == 403


def test_the_platform_administrator_is_one(base: Any, provider: str) -> None:
    with httpx.Client(base_url=base.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        _enter(client, provider, "boss")
        client.headers["X-XSRFToken"] = client.cookies.get("_xsrf", path="/hub/") or ""
        assert client.get("/hub/api/user").json()["admin"]
        assert "用户与会话" in client.get("/hub/admin").text
        assert "平台管理员" in client.get("/hub/people").text


def test_a_forged_answer_of_the_provider_is_refused(base: Any) -> None:
    with httpx.Client(base_url=base.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        client.get("/hub/login")
        assert client.get("/hub/oauth_callback", params={"code": "x", "state": "y"}).status_code in {400, 403}


def test_what_is_no_provider_is_named(provider: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    asked = {"identity": "oidc", "data_dir": tmp_path, "oidc_client_secret_file": secret}
    with pytest.raises(AccountsError, match="oidc_client_secret_file"):
        discover(HubSettings(oidc_issuer=provider, **asked))
    secret.write_text("s")
    for issuer in (provider + "/other", "http://127.0.0.1:9"):
        with pytest.raises(AccountsError, match=r"oidc_issuer=.*well-known"):
            discover(HubSettings(oidc_issuer=issuer, **asked))
    assert discover(HubSettings(oidc_issuer=provider + "/", **asked))["client_id"] == "shixun"


def test_a_provider_that_calls_itself_otherwise_is_refused(provider: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / ".well-known").mkdir()
    configuration = httpx.get(f"{provider}/.well-known/openid-configuration", timeout=60).text
    (tmp_path / ".well-known/openid-configuration").write_text(configuration)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        asked = {"identity": "oidc", "data_dir": tmp_path, "oidc_client_secret_file": tmp_path / "secret"}
        with pytest.raises(AccountsError, match=f"calls itself '{provider}'"):
            discover(HubSettings(oidc_issuer=f"http://127.0.0.1:{server.server_port}", **asked))
        server.shutdown()
