"""What ``shixun backup`` takes along beside the database, and where ``shixun restore`` puts it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub_config.plan import plan_file
from hub_config.rosters import roster_file, write_roster
from hub_config.swarm_homes import homes_file
from shixun.cli import app


def _run(monkeypatch: pytest.MonkeyPatch, data_dir: Path, *command: str) -> str:
    monkeypatch.setenv("SHIXUN_DATA_DIR", str(data_dir))
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_backup_holds_who_belongs_here_what_is_booked_and_where_files_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new, target = tmp_path / "old", tmp_path / "new", tmp_path / "monday.tar.gz"
    write_roster(old, "north", "学号,姓名,班级\n001,李明,class-1\n".encode())
    write_roster(old, "platform", "用户名,身份\nboss,平台管理员\n".encode())
    plan_file(old).write_text("quotas: {class-1: {sessions_most: 40}}\n", encoding="utf-8")
    homes_file(old).parent.mkdir()
    homes_file(old).write_text('{"shixun-home-north-001": {"id": "x1", "name": "node2"}}', encoding="utf-8")
    _run(monkeypatch, old, "backup", str(target))
    _run(monkeypatch, new, "restore", str(target))
    for place in (plan_file, homes_file, lambda folder: roster_file(folder, "north")):
        assert place(new).read_bytes() == place(old).read_bytes()
        assert place(new).stat().st_mode & 0o077 == 0
    assert roster_file(new, "platform").exists()
    assert new.stat().st_mode & 0o077 == 0


def test_a_roster_that_has_changed_since_is_not_overwritten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old, new, target = tmp_path / "old", tmp_path / "new", tmp_path / "monday.tar.gz"
    write_roster(old, "north", "学号,班级\n001,class-1\n".encode())
    _run(monkeypatch, old, "backup", str(target))
    write_roster(new, "north", "学号,班级\n001,class-2\n".encode())
    monkeypatch.setenv("SHIXUN_DATA_DIR", str(new))
    result = CliRunner().invoke(app, ["restore", str(target)])
    assert result.exit_code == 1
    assert "north.csv exists and differs" in result.output
    assert b"class-2" in roster_file(new, "north").read_bytes()
