"""The command line, in this process."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub_config.accounts import accounts_file, ensure_accounts
from shixun.cli import app

runner = CliRunner()


def test_version_is_told() -> None:
    result = runner.invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith("shixun 0.")


@pytest.mark.parametrize("command", [["start"], ["accounts"], ["images", "build"], ["labs", "build"]])
def test_an_unknown_setting_stops_every_command(command: list[str], tmp_path: Path) -> None:
    result = runner.invoke(app, command, env={"SHIXUN_PRT": "9000", "SHIXUN_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 1
    assert "SHIXUN_PRT" in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_accounts_are_shown_again(tmp_path: Path) -> None:
    accounts = ensure_accounts(accounts_file(tmp_path))
    result = runner.invoke(app, ["accounts"], env={"SHIXUN_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 0
    assert all(account.password in result.output for account in accounts)


def test_accounts_before_the_first_start_say_what_to_do(tmp_path: Path) -> None:
    result = runner.invoke(app, ["accounts"], env={"SHIXUN_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 1
    assert "shixun start" in result.output


def test_labs_are_written_without_answers(tmp_path: Path) -> None:
    result = runner.invoke(app, ["labs", "build", str(tmp_path / "labs")])
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "labs").rglob("*")}
    assert "zh-pcb-bottleneck.ipynb" in names
    assert names.isdisjoint({"rubric.yaml", "solution.yaml"})


@pytest.mark.usefixtures("no_engine")
def test_images_need_an_engine(tmp_path: Path) -> None:
    result = runner.invoke(app, ["images", "build"], env={"SHIXUN_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 1
    assert "no Docker engine answers" in result.output


def test_the_page_of_settings_is_written(tmp_path: Path) -> None:
    result = runner.invoke(app, ["settings", "docs", str(tmp_path / "settings.md")])
    assert result.exit_code == 0
    assert (tmp_path / "settings.md").read_text() == runner.invoke(app, ["settings", "docs"]).output
