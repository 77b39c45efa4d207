"""The rules of the sessions' bridge, against this machine's own iptables."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from hub_config import host_commands
from hub_config.errors import FirewallError
from hub_config.firewall import Guard, closed, lower, raise_guard
from hub_config.network import ensure_network, guard_sessions, unguard_sessions
from hub_config.settings import HubSettings

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="reading this machine's firewall needs root"),
]


@pytest.fixture
def guard() -> Guard:
    return Guard(f"br-{secrets.token_hex(6)}", "172.31.255.1", (8081, 8082))


def _rules() -> str:
    return subprocess.run(
        ["iptables", "-w", "-S"], capture_output=True, text=True, check=True, env={"PATH": "/usr/sbin:/sbin:/usr/bin"}
    ).stdout


@pytest.fixture(params=["root", "helper container"])
def client(request: Any, docker_client: Any, lab_image: str, guard: Guard, monkeypatch: Any) -> Iterator[Any]:
    if request.param == "helper container":
        monkeypatch.setattr(host_commands, "may_run_on_host", lambda: False)
    yield docker_client
    lower(docker_client, lab_image, guard)


def test_rules_are_put_in_force_once_replaced_and_taken_away(client: Any, lab_image: str, guard: Guard) -> None:
    before = _rules()
    assert not closed(client, lab_image, guard)
    raise_guard(client, lab_image, guard)
    raise_guard(client, lab_image, guard)
    assert closed(client, lab_image, guard)
    assert _rules().count(f"-A INPUT -i {guard.bridge}") == 1
    fewer = Guard(guard.bridge, guard.host, (8081,))
    raise_guard(client, lab_image, fewer)
    assert closed(client, lab_image, fewer)
    assert not closed(client, lab_image, guard)
    lower(client, lab_image, guard)
    assert _rules() == before


def test_where_rules_cannot_be_set_it_is_refused_or_told(
    docker_client: Any, monkeypatch: Any, tmp_path: Any, caplog: Any
) -> None:
    settings = HubSettings(docker_network=f"shixun-test-{secrets.token_hex(3)}", firewall="required")
    host = ensure_network(docker_client, settings.docker_network)
    try:
        monkeypatch.setattr(host_commands, "_SYSTEM_PATH", str(tmp_path))
        monkeypatch.setenv("PATH", "/bin")
        monkeypatch.setattr(host_commands, "shutil", _NoPrograms)
        with pytest.raises(FirewallError, match="SHIXUN_FIREWALL=off"):
            guard_sessions(docker_client, settings, host)
        guard_sessions(docker_client, settings.model_copy(update={"firewall": "auto"}), host)
        assert "SHIXUN_FIREWALL=auto" in caplog.text
        unguard_sessions(docker_client, settings.model_copy(update={"firewall": "off"}))
    finally:
        docker_client.networks.get(settings.docker_network).remove()


class _NoPrograms:
    """A machine without the programs that are looked for."""

    @staticmethod
    def which(name: str, path: str) -> str:
        return f"/nowhere/{name}"
