"""The program of a container started ahead, outside one; inside one it is in tests/hub_config/test_warm_sessions.py."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

LAB = Path(__file__).parents[2] / "images/lab"


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import a module of the package, which only the image has on its path."""
    monkeypatch.syspath_prepend(LAB)
    yield lambda name: import_module(f"waiting.{name}")
    for name in [each for each in sys.modules if each.partition(".")[0] == "waiting"]:
        del sys.modules[name]


def _knock(door: Path, message: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(door))
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(16)


def test_a_claim_is_heard_once_and_the_door_is_gone(waiting: Any, tmp_path: Path) -> None:
    door = tmp_path / "door.sock"
    claim = {"environment": {"JUPYTERHUB_USER": "anne"}, "arguments": ["--debug"]}
    with ThreadPoolExecutor(1) as threads:
        heard = threads.submit(waiting("door").await_claim, door)
        while not door.exists():
            time.sleep(0.01)
        assert _knock(door, b"") == b""  # somebody who only looked
        assert _knock(door, json.dumps(claim).encode() + b"\n") == b"claimed\n"
        assert heard.result(10) == (claim["environment"], claim["arguments"])
    assert not door.exists()


@pytest.mark.parametrize("module", ["sqlalchemy.orm", "requests"])
def test_what_no_session_uses_is_absent_while_importing_and_real_afterwards(
    waiting: Any, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    package = module.partition(".")[0]
    for name in [each for each in sys.modules if each.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    with waiting("absent").absent():
        stand_in = import_module(module)
        assert isinstance(stand_in.Session, type)
        assert not hasattr(stand_in, "__file__")
    assert package not in sys.modules
    assert module not in sys.modules
