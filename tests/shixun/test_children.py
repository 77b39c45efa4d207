"""Processes that the start command runs."""

import os
import sys
from pathlib import Path

import pytest

from shixun.children import Children
from shixun.errors import StartError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "child.log"


def _start(children: Children, log: Path, code: str, grace_s: float = 10) -> None:
    children.start(
        "Child", [sys.executable, "-c", code], environment=os.environ, folder=log.parent, log=log, grace_s=grace_s
    )


def test_a_child_that_dies_is_reported_with_its_last_words(log: Path) -> None:
    children = Children()
    _start(children, log, "import sys; sys.exit('no database')")

    def wait() -> None:
        while True:
            children.check()

    with pytest.raises(StartError, match=r"Child ended by itself \(code 1\)(.|\n)*no database"):
        wait()
    children.stop()


def test_children_end_in_reverse_order_and_stubborn_ones_by_force(log: Path) -> None:
    children = Children()
    say = "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('{0} ends', flush=True))); "
    say += "print('{0} up', flush=True); time.sleep(60)"
    _start(children, log, say.format("first"))
    stubborn = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    stubborn += "print('second up', flush=True); time.sleep(60)"
    _start(children, log, stubborn, grace_s=0.2)
    _start(children, log, say.format("third"))
    while log.read_text().count("up") < 3:
        children.check()
    children.stop()
    assert [line for line in log.read_text().splitlines() if "ends" in line] == ["third ends", "first ends"]
