from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from grading.settings import GradingSettings, HubConnection
from labs import CATALOG

TOKEN = "a" * 32


def test_defaults_lie_in_the_data_folder() -> None:
    settings = GradingSettings(data_dir="/data")
    assert settings.database == "sqlite:////data/grading.sqlite3"
    assert settings.secret_file == Path("/data/grading.secret")
    assert settings.catalog == CATALOG


def test_every_setting_is_described() -> None:
    for model in (GradingSettings, HubConnection):
        assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIXUN_DATABASE_URL", "postgresql+psycopg://host/grading")
    monkeypatch.setenv("SHIXUN_SESSION", "process")
    settings = GradingSettings()
    assert (settings.database, settings.session) == ("postgresql+psycopg://host/grading", "process")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("database_url", "mysql://host/grading"),
        ("session", "virtual-machine"),
        ("grading_lease_s", 0.5),
        ("grading_timeout_s", -1),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("no_such_setting", 1),
    ],
)
def test_a_wrong_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        GradingSettings(**{field: value})


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        GradingSettings().session = "docker"  # type: ignore[misc]


def test_the_hub_says_where_to_listen() -> None:
    connection = HubConnection(api_token=TOKEN, service_url="http://127.0.0.1:10201", service_prefix="services/grading")
    assert connection.address == ("127.0.0.1", 10201)
    assert connection.prefix == "/services/grading"
    assert connection.callback == "/services/grading/oauth_callback"
    assert HubConnection(api_token=TOKEN, base_url="/base").authorize_url == "/base/hub/api/oauth2/authorize"


def test_without_a_token_there_is_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    with pytest.raises(ValidationError, match="api_token"):
        HubConnection()
