"""`shixun doctor`."""

import secrets
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub_config.firewall import lower
from hub_config.network import ensure_network, guard_sessions, session_guard
from hub_config.rosters import write_roster
from hub_config.settings import HubSettings
from shixun.cli import app
from shixun.doctor import examine
from shixun.preparation import make_data_dir


def _verdicts(settings: HubSettings) -> dict[str, str]:
    return {finding.subject: finding.verdict for finding in examine(settings)}


def test_without_an_engine_it_says_that_sessions_are_not_isolated(no_engine: Any, tmp_path: Path) -> None:
    assert _verdicts(HubSettings(data_dir=tmp_path / "var"))["Docker engine"] == "care"
    assert _verdicts(HubSettings(data_dir=tmp_path / "var", session="docker"))["Docker engine"] == "bad"


def test_open_folders_and_open_addresses_are_noticed(no_engine: Any, tmp_path: Path) -> None:
    data = tmp_path / "var"
    make_data_dir(data)
    assert _verdicts(HubSettings(data_dir=data)) | {"data folder": "good", "address": "good"} == _verdicts(
        HubSettings(data_dir=data)
    )
    data.chmod(0o755)
    found = _verdicts(HubSettings(data_dir=data, address="0.0.0.0"))  # noqa: S104
    assert found["data folder"] == "bad"
    assert found["address"] == "care"


def test_users_of_one_address_are_not_protected_from_each_others_pages(no_engine: Any, tmp_path: Path) -> None:
    assert _verdicts(HubSettings(data_dir=tmp_path))["subdomains"] == "care"
    assert _verdicts(HubSettings(data_dir=tmp_path, subdomain_host="https://h.example.org"))["subdomains"] == "good"


def test_who_may_log_in_is_looked_at(no_engine: Any, tmp_path: Path) -> None:
    assert _verdicts(HubSettings(data_dir=tmp_path))["people"] == "good"
    assert _verdicts(HubSettings(data_dir=tmp_path, address="0.0.0.0"))["people"] == "care"  # noqa: S104
    school = HubSettings(data_dir=tmp_path, identity="roster")
    assert _verdicts(school)["people"] == "bad"  # there is no roster
    write_roster(tmp_path, "north", "学号,班级\n001,class-1\n".encode())
    assert _verdicts(school)["people"] == "care"  # nobody administers
    write_roster(tmp_path, "platform", "用户名,身份\nboss,平台管理员\n".encode())
    assert _verdicts(school)["people"] == "good"
    provider = {"oidc_issuer": "http://id.example.org", "oidc_client_secret_file": tmp_path / "secret"}
    assert _verdicts(HubSettings(data_dir=tmp_path, identity="oidc", **provider))["people"] == "bad"


def test_a_missing_font_of_transcripts_is_told(no_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = tmp_path / "font.ttf"
    monkeypatch.setenv("SHIXUN_PDF_FONT", str(font))
    assert _verdicts(HubSettings(data_dir=tmp_path))["transcripts on paper"] == "care"
    font.touch()
    assert _verdicts(HubSettings(data_dir=tmp_path))["transcripts on paper"] == "good"


def test_an_engine_without_a_lock_is_bad(no_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from shixun.doctor import _engine_door

    assert _engine_door("tcp://10.0.0.1:2375", "").verdict == "bad"
    assert _engine_door("tcp://10.0.0.1:2376", "1").verdict == "good"


def test_the_exit_code_tells_whether_something_must_be_mended(
    no_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIXUN_DATA_DIR", str(tmp_path / "var"))
    answer = CliRunner().invoke(app, ["doctor"])
    assert answer.exit_code == 0, answer.output
    assert "JupyterHub does not promise" in answer.output
    monkeypatch.setenv("SHIXUN_SESSION", "docker")
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1


@pytest.mark.docker
def test_the_firewall_is_looked_at(docker_client: Any, lab_image: str, tmp_path: Path) -> None:
    settings = HubSettings(data_dir=tmp_path, docker_network=f"shixun-test-{secrets.token_hex(3)}", lab_image=lab_image)
    assert "firewall" not in _verdicts(settings)
    host = ensure_network(docker_client, settings.docker_network)
    guard = session_guard(docker_client, settings, host)
    try:
        assert _verdicts(settings)["firewall"] == "care"
        guard_sessions(docker_client, settings, host)
        found = _verdicts(settings)
        assert found["firewall"] == found["bridge filter"] == found["sessions' network"] == "good"
    finally:
        lower(docker_client, lab_image, guard)
        docker_client.networks.get(settings.docker_network).remove()
