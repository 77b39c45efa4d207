"""Processes that outlived their training base, real ones."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shixun.leftovers import end_leftovers, find_leftovers

# Says that it runs, then waits; ignores SIGTERM where it is told to.
_WAIT = """
import signal, sys, time
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(120)
"""

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    processes: list[subprocess.Popen[str]] = []
    script = tmp_path / "configurable-http-proxy"
    script.write_text(_WAIT)

    def launch(data_dir: Path, program: Path = script, *arguments: str) -> subprocess.Popen[str]:
        environment = os.environ | {"SHIXUN_DATA_DIR": str(data_dir)}
        process = subprocess.Popen(
            [sys.executable, program, *arguments], env=environment, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield launch
    for process in processes:
        process.kill()
        process.communicate()


def test_a_proxy_left_behind_is_found_and_ended(launch: Launch, tmp_path: Path) -> None:
    process = launch(tmp_path)
    assert [(each.pid, each.program) for each in find_leftovers(tmp_path)] == [(process.pid, "proxy")]
    assert [each.pid for each in end_leftovers(tmp_path)] == [process.pid]
    assert process.wait(5) == -15
    assert find_leftovers(tmp_path) == []


def test_another_data_folders_proxy_is_left_alone(launch: Launch, tmp_path: Path) -> None:
    process = launch(tmp_path / "another")
    assert end_leftovers(tmp_path) == []
    assert process.poll() is None


def test_other_programs_of_the_folder_are_left_alone(launch: Launch, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(_WAIT)
    process = launch(tmp_path, editor)
    assert end_leftovers(tmp_path) == []
    assert process.poll() is None
