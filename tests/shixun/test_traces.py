from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from labs import Catalog
from shixun.cli import app

if TYPE_CHECKING:
    from pathlib import Path

LINE = "1 0 -1 60 4 -1 -1 4 90 -1 1 3 -1 -1 0 -1 -1 -1"


def test_a_generated_trace_is_sound_and_the_same_for_a_seed(tmp_path: Path) -> None:
    for name in ("one", "other"):
        arguments = ["trace", "generate", str(tmp_path / f"{name}.swf.gz"), "--jobs", "500", "--processors", "64"]
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert (tmp_path / "one.swf.gz").read_bytes() == (tmp_path / "other.swf.gz").read_bytes()
    checked = CliRunner().invoke(app, ["trace", "check", str(tmp_path / "one.swf.gz")])
    assert checked.exit_code == 0
    assert "500 jobs, at most 64 processors, 0 lines left out" in checked.stdout


def test_problems_are_told_by_line(tmp_path: Path) -> None:
    (tmp_path / "bad.swf").write_text("\n".join([LINE, *["x"] * 30]))
    checked = CliRunner().invoke(app, ["trace", "check", str(tmp_path / "bad.swf")])
    assert checked.exit_code == 1
    assert "line 2: has 1 fields; 18 are needed" in checked.stdout
    assert "10 more" in checked.stdout
    assert "line 31" in CliRunner().invoke(app, ["trace", "check", "--all", str(tmp_path / "bad.swf")]).stdout


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    checked = CliRunner().invoke(app, ["trace", "check", str(tmp_path / "none.swf")])
    assert checked.exit_code == 2
    assert "none.swf: cannot be read" in checked.stderr


def test_a_trace_is_run_under_the_built_in_schedulers(tmp_path: Path) -> None:
    generated = ["trace", "generate", str(tmp_path / "ours.swf.gz"), "--jobs", "300", "--processors", "32"]
    assert CliRunner().invoke(app, [*generated, "--stretch", "0.3"]).exit_code == 0
    told = CliRunner().invoke(app, ["trace", "schedule", str(tmp_path / "ours.swf.gz"), "--processors", "32"])
    assert told.exit_code == 0
    rows = {line.split("│")[1].strip(): line for line in told.stdout.splitlines() if line.count("│") > 4}
    assert {"FCFS", "SJF", "FCFS + EASY"} <= rows.keys()
    waits = {name: float(line.split("│")[2].replace(",", "")) for name, line in rows.items()}
    assert waits["FCFS + EASY"] < waits["FCFS"]


def test_jobs_larger_than_the_machine_are_counted(tmp_path: Path) -> None:
    (tmp_path / "wide.swf").write_text(
        f"{LINE}\n{LINE.replace('1 0 -1 60 4', '2 5 -1 60 2').replace(' 4 90', ' 2 90')}\nx\n"
    )
    told = CliRunner().invoke(app, ["trace", "schedule", str(tmp_path / "wide.swf"), "--processors", "2"])
    assert told.exit_code == 0
    assert "1 jobs are larger than the machine; 1 lines of the file are left out" in told.stdout


def test_a_trace_that_breaks_off_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "empty.swf").write_text("; nothing\n")
    told = CliRunner().invoke(app, ["trace", "schedule", str(tmp_path / "empty.swf")])
    assert told.exit_code == 2
    assert "empty.swf" in told.stderr


def test_a_trace_becomes_a_lab(tmp_path: Path) -> None:
    arguments = ["--jobs", "3200", "--processors", "32", "--stretch", "1.5", "--estimate-factor", "4"]
    assert CliRunner().invoke(app, ["trace", "generate", str(tmp_path / "ours.swf.gz"), *arguments]).exit_code == 0
    made = CliRunner().invoke(
        app, ["trace", "lab", str(tmp_path / "ours.swf.gz"), str(tmp_path / "our-lab"), "--title-en", "Ours"]
    )
    assert made.exit_code == 0, made.stderr
    assert "FCFS + EASY" in made.stdout
    assert "doing nothing earns" in made.stdout
    lab = Catalog(tmp_path).graded("our-lab")
    assert lab.title.zh == lab.title.en == "Ours"
    assert "of which the jobs need" in made.stdout


def test_a_trace_that_makes_no_lab_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short.swf").write_text(f"{LINE}\nx\n")
    made = CliRunner().invoke(app, ["trace", "lab", str(tmp_path / "short.swf"), str(tmp_path / "our-lab")])
    assert made.exit_code == 2
    assert "line 2: has 1 fields" in made.stderr
    assert "1 jobs span 0.0 weeks" in made.stderr
    assert not (tmp_path / "our-lab").exists()
    missing = CliRunner().invoke(app, ["trace", "lab", str(tmp_path / "none.swf"), str(tmp_path / "our-lab")])
    assert missing.exit_code == 2
    assert "none.swf: cannot be read" in missing.stderr
