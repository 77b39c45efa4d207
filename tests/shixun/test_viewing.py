"""``shixun twin view`` serves a replay until it is told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from hub_config.ports import find_free_ports
from shixun.cli import app
from simulators.production_line import example

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(example().model_dump(mode="json")), encoding="utf-8")
    return path


def test_a_replay_is_served_until_ctrl_c(scenario: Path) -> None:
    (port,) = find_free_ports(1)
    command = [str(Path(sys.executable).parent / "shixun"), "twin", "view", str(scenario), "--port", str(port)]
    transport = httpx.HTTPTransport(retries=8)  # it says where it is a moment before it listens
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        httpx.Client(transport=transport, timeout=60, base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        assert "产线孪生" in client.get("/?lang=zh").text
        assert client.get("/scene").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--start-s", "-5"], "start_s = -5"), (["--start-s", "600", "--end-s", "500"], "end_s = 500")],
)
def test_a_window_that_is_not_in_the_run_is_refused(scenario: Path, words: Sequence[str], said: str) -> None:
    result = CliRunner().invoke(app, ["twin", "view", str(scenario), *words])
    assert result.exit_code == 1
    assert said in result.stderr
