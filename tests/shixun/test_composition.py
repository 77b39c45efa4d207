"""The settings of the whole."""

import os

import pytest

from hub_config.errors import SettingsError
from shixun.composition import load_settings


def test_settings_of_both_rooms_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIXUN_PORT", "9001")
    monkeypatch.setenv("SHIXUN_DATABASE_URL", "sqlite:////tmp/grading.sqlite3")
    assert load_settings(os.environ).port == 9001


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIXUN_DATABSE_URL", "sqlite:////tmp/x")
    with pytest.raises(SettingsError, match=r"SHIXUN_DATABSE_URL.*SHIXUN_DATABASE_URL"):
        load_settings(os.environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SHIXUN_PORT", "70000"), ("SHIXUN_PORT", "eight"), ("SHIXUN_SESSION", "vm"), ("SHIXUN_DATABASE_URL", "mysql://")],
)
def test_a_bad_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}='{value}'"):
        load_settings(os.environ)
