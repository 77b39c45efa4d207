"""`shixun simulate`, in this process and, where it is interrupted, in one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from typer.testing import CliRunner

from shixun.cli import app
from simulators import load_scenario, replicate, replicate_until

if TYPE_CHECKING:
    from click.testing import Result

LAB = Path(__file__).parents[2] / "labs/catalog/pcb-bottleneck/scenario.yaml"
STUDY = [LAB, "--replications", 24, "--engine", "simpy"]
LINE = """\
kind: production_line
horizon_s: 200
release: {kind: saturated}
stations: [{name: press, service: {kind: exponential, mean_s: 5}}]
"""


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(LINE)
    return path


def shixun(*arguments: object, **environ: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)], env=environ)


def told(*arguments: object) -> Any:
    result = shixun(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_holds_the_estimates_and_nothing_else(line: Path) -> None:
    found = told(line, "--replications", 7, "--seed", 3, "--engine", "simpy")
    study = replicate(load_scenario(line), replications=7, seed=3, engine="simpy")
    assert found == {
        "kpis": {
            name: {"mean": estimate.mean, "half_width_95": estimate.half_width_95, "unit": estimate.unit}
            for name, estimate in study.estimates().items()
        },
        "replications": 7,
        "engine": "simpy",
        "seed": 3,
    }


def test_what_is_no_number_is_null(line: Path) -> None:
    line.write_text(LINE.replace("mean_s: 5", "mean_s: 1.0e+9"))
    found = told(line, "--replications", 1)
    assert found["kpis"]["lead_time_mean_s"] == {"mean": None, "half_width_95": None, "unit": "s"}


def test_engine_auto_is_told_by_its_name(line: Path) -> None:
    assert told(line, "--engine", "auto")["engine"] in {"simpy", "compiled"}


def test_antithetic_pairs_are_narrower_and_must_be_pairs(line: Path) -> None:
    found = told(line, "--replications", 30, "--antithetic")
    study = replicate(load_scenario(line), replications=30, seed=1, antithetic=True)
    estimate = study.estimate("parts_made")
    assert found["kpis"]["parts_made"]["half_width_95"] == estimate.half_width_95
    assert estimate.half_width_95 < told(line, "--replications", 30)["kpis"]["parts_made"]["half_width_95"]
    odd = shixun(line, "--replications", 5, "--antithetic")
    assert odd.exit_code == 2
    assert "replications = 5 must be ≥ 2 and even" in odd.stderr


def test_it_runs_until_the_error_is_small(line: Path) -> None:
    found = told(line, "--relative-error", 0.05, "--kpi", "parts_made", "--kpi", "lead_time_mean_s")
    wanted = replicate_until(load_scenario(line), ["parts_made", "lead_time_mean_s"], seed=1, relative=0.05)
    assert found["replications"] == wanted.study.replications > 10
    assert found["kpis"]["parts_made"]["mean"] == wanted.study.estimate("parts_made").mean


def test_too_few_replications_for_the_error_are_told(line: Path) -> None:
    result = shixun(
        line, "--relative-error", 0.0001, "--kpi", "parts_made", "--replications", 6, "--antithetic", "--json"
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout)["replications"] == 6
    assert "Not yet so precise after 6 replications" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--relative-error", 0.1], "kpis = () must be at least one name"),
        (["--relative-error", 0.1, "--kpi", "happiness"], "KPI 'happiness' is not measured here"),
        (["--relative-error", -1, "--kpi", "parts_made"], "relative = -1.0 must be > 0"),
        (["--kpi", "parts_made"], "--kpi goes with --relative-error"),
    ],
)
def test_bad_options_are_told(line: Path, options: list[object], words: str) -> None:
    result = shixun(line, *options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_processes_give_the_same(line: Path) -> None:
    assert told(line, "--executor", "processes", "--workers", 2) == told(line)


@pytest.mark.slow
def test_dask_gives_the_same_here_and_elsewhere(line: Path) -> None:
    from simulators import DaskExecutor

    assert told(line, "--executor", "dask", "--workers", 1) == told(line)
    with DaskExecutor(workers=1) as elsewhere:
        result = shixun(line, "--executor", "dask", "--json", SHIXUN_DASK_SCHEDULER=elsewhere.client.scheduler.address)
    assert json.loads(result.stdout) == told(line)


def test_people_get_a_table_and_progress_beside_it(line: Path) -> None:
    result = shixun(line, "--replications", 5)
    assert result.exit_code == 0
    assert "throughput_per_h" in result.stdout
    assert "5 replications, seed 1" in result.stdout
    assert "5/5" in result.stderr
    assert "5/5" not in result.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LINE.replace("200", "-3"), "scenario.yaml:2: horizon_s = -3: Input should be greater than 0"),
        (LINE.replace("production_line", "circus"), "kind = 'circus' is not a simulator"),
    ],
    ids=["field", "kind"],
)
def test_a_bad_file_is_told_and_the_exit_code_is_2(line: Path, text: str, words: str) -> None:
    line.write_text(text)
    result = shixun(line, "--json")
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_a_missing_file_and_an_unknown_engine_are_told(line: Path) -> None:
    missing, steam = shixun(line.parent / "nowhere.yaml"), shixun(line, "--engine", "steam")
    assert (missing.exit_code, steam.exit_code) == (2, 2)
    assert "nowhere.yaml: cannot be read" in missing.stderr
    assert "engine = 'steam'" in steam.stderr


def test_a_checkpoint_of_another_study_is_told(line: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert shixun(line, "--checkpoint", kept).exit_code == 0
    result = shixun(line, "--checkpoint", kept, "--seed", 2)
    assert result.exit_code == 2
    assert "seed = 1 there, 2 here" in result.stderr


def test_a_bad_scheduler_address_is_told(line: Path) -> None:
    result = shixun(line, "--executor", "dask", SHIXUN_DASK_SCHEDULER="10.0.0.7")
    assert result.exit_code == 1
    assert "SHIXUN_DASK_SCHEDULER='10.0.0.7'" in result.stderr


@pytest.fixture(scope="module")
def uninterrupted() -> Any:
    return told(*STUDY)


@pytest.mark.fault
@pytest.mark.parametrize("executor", ["serial", "processes", pytest.param("dask", marks=pytest.mark.slow)])
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(
    executor: str, uninterrupted: Any, tmp_path: Path
) -> None:
    kept, text, errors = tmp_path / "kept", tmp_path / "out", tmp_path / "err"
    command = [Path(sys.executable).with_name("shixun"), "simulate", *STUDY, "--executor", executor, "--workers", 2]
    with text.open("w") as stdout, errors.open("w") as stderr:
        running = subprocess.Popen(
            [*map(str, command), "--checkpoint", str(kept)],
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            # A shell's background job, as these tests may be, hands an ignored SIGINT on to its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        while not kept.exists() or kept.read_bytes().count(b"\n") < 3:
            assert running.poll() is None, errors.read_text()
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: all of its processes
        assert running.wait(60) == 130
    assert "Interrupted" in errors.read_text()
    assert f"are in {kept}" in errors.read_text()
    assert "Traceback" not in errors.read_text()
    assert text.read_text() == ""
    _, left = psutil.wait_procs([each for each in psutil.process_iter() if session_of(each) == running.pid], 20)
    assert left == []
    done = kept.read_bytes()
    assert told(*STUDY, "--checkpoint", kept) == uninterrupted
    assert kept.read_bytes().startswith(done)


def session_of(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid) if process.status() != psutil.STATUS_ZOMBIE else 0
    except (ProcessLookupError, psutil.NoSuchProcess):
        return 0


def test_ctrl_c_without_a_checkpoint_names_the_option(line: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shixun.simulating.replicate", interrupt)
    result = shixun(line)
    assert result.exit_code == 130
    assert "--checkpoint FILE" in result.stderr
