"""A scenario's film from the command line."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from shixun.cli import app

LABS = Path(__file__).parents[2] / "labs/catalog"


def test_a_scenario_becomes_a_film(tmp_path: Path) -> None:
    file = tmp_path / "line.glb"
    scenario = LABS / "pcb-bottleneck/scenario.yaml"
    told = CliRunner().invoke(
        app, ["twin", "glb", str(scenario), "-o", str(file), "--start-s", "3600", "--end-s", "4200"]
    )
    assert told.exit_code == 0, told.output
    assert file.read_bytes()[:4] == b"glTF"
    assert "MB" in told.output


def test_what_cannot_be_filmed_is_said(tmp_path: Path) -> None:
    scenario = LABS / "pcb-bottleneck/scenario.yaml"
    late = CliRunner().invoke(app, ["twin", "glb", str(scenario), "-o", str(tmp_path / "a.glb"), "--start-s", "9e9"])
    assert late.exit_code == 1
    assert "is no window of this run" in late.output
    nowhere = CliRunner().invoke(
        app,
        ["twin", "glb", str(scenario), "-o", str(tmp_path / "no/folder.glb"), "--start-s", "3600", "--end-s", "3700"],
    )
    assert nowhere.exit_code == 1
    assert "folder.glb" in nowhere.output
