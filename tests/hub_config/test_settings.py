"""The hub's settings: their bounds, and the refusal of what nobody knows."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from hub_config.errors import SettingsError
from hub_config.settings import HubSettings, known_variables, refuse_unknown


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIXUN_PORT", "9000")
    monkeypatch.setenv("SHIXUN_DATA_DIR", "kept")
    settings = HubSettings()
    assert settings.port == 9000
    assert settings.data_dir == Path.cwd() / "kept"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        HubSettings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 0),
        ("port", 65_536),
        ("session", "virtual machine"),
        ("memory_limit_mib", 1),
        ("cpu_limit_cores", 0),
        ("pids_limit", 1),
        ("docker_network", "Ü"),
        ("lab_image", "--privileged"),
        ("language", "fr"),
        ("prt", 9000),
    ],
)
def test_values_out_of_bounds_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        HubSettings(**{name: value})


def test_every_setting_is_described() -> None:
    assert [name for name, field in HubSettings.model_fields.items() if not field.description] == []


def test_unknown_variables_are_refused_by_name() -> None:
    known = known_variables(HubSettings.model_fields)
    refuse_unknown({"SHIXUN_PORT": "9000", "PATH": "/bin", "shixun_session": "auto"}, known)
    with pytest.raises(SettingsError, match=r"SHIXUN_PRT.*SHIXUN_PORT"):
        refuse_unknown({"SHIXUN_PRT": "9000"}, known)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("192.0.2.7", "http://192.0.2.7:8000"),
    ],
)
def test_public_url_can_be_opened_on_this_machine(address: str, url: str) -> None:
    assert HubSettings(address=address).public_url == url
