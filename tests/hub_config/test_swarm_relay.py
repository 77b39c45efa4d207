"""The relay between a session and the hub's machine, as a process of its own."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub_config import swarm_relay
from hub_config.swarm_relay import notices


def test_there_is_nothing_to_tell_without_a_folder(tmp_path: Path) -> None:
    assert notices(tmp_path / "none").endswith(b"\r\n\r\n[]")


def test_notices_are_told_anew_when_they_change(tmp_path: Path) -> None:
    path = tmp_path / "closing.json"
    path.write_text(json.dumps({"zh": "再见", "en": "Good-bye"}))
    head, _, body = notices(tmp_path).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    (told,) = json.loads(body)
    assert (told["zh"], told["en"]) == ("再见", "Good-bye")
    os.utime(path, ns=(1, 1))
    assert json.loads(notices(tmp_path).partition(b"\r\n\r\n")[2])[0]["name"] == "closing-1"
    assert told["name"] != "closing-1"


@contextmanager
def _echo(address: str) -> Iterator[int]:
    """Answer once with the address asked, and all that the caller said before it had said everything."""
    with socket.create_server((address, 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                said = b""
                while data := connection.recv(65536):
                    said += data
                connection.sendall(address.encode() + b" heard " + said)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive()


# Of loopback's many addresses one is the hub's machine, one the relay's inner side, one the session.
_NAMES = """
import asyncio, socket, sys
sys.path.insert(0, sys.argv[1])
import swarm_relay
real = socket.getaddrinfo
names = {"base": "127.0.0.2", "session": "127.0.0.3"}
socket.getaddrinfo = lambda host, *rest, **more: real(names.get(host, host), *rest, **more)
socket.gethostbyname = lambda host: names.get(host, host)
asyncio.run(swarm_relay.main(sys.argv[2], int(sys.argv[3]), [int(port) for port in sys.argv[4:]]))
"""


@contextmanager
def _relay(session_port: int, port: int) -> Iterator[None]:
    folder = str(Path(swarm_relay.__file__).parent)
    command = [sys.executable, "-c", _NAMES, folder, "127.0.0.1", str(session_port), str(port)]
    with subprocess.Popen(command) as process:
        try:
            yield
        finally:
            process.kill()


def _ask(address: str, port: int, words: bytes) -> bytes:
    while True:
        try:
            caller = socket.create_connection((address, port), timeout=20)
        except ConnectionRefusedError:
            continue  # the relay is not there yet
        with caller:
            caller.sendall(words)
            caller.shutdown(socket.SHUT_WR)
            heard = b""
            while data := caller.recv(65536):
                heard += data
            return heard


@pytest.mark.timeout(120)
def test_each_side_reaches_the_other_and_nothing_is_lost_when_one_has_said_all() -> None:
    long = b"x" * 3_000_000
    with _echo("127.0.0.3") as session_port, _echo("127.0.0.1") as gate_port, _relay(session_port, gate_port):
        assert _ask("127.0.0.1", session_port, long) == b"127.0.0.3 heard " + long
        assert _ask("127.0.0.2", gate_port, b"GET /hub/api HTTP/1.1\r\n\r\n").startswith(
            b"127.0.0.1 heard GET /hub/api"
        )


@pytest.mark.timeout(120)
def test_notices_are_answered_by_the_relay_itself() -> None:
    with _echo("127.0.0.3") as session_port, _echo("127.0.0.1") as gate_port, _relay(session_port, gate_port):
        answer = _ask("127.0.0.2", gate_port, b"GET /notices HTTP/1.1\r\nHost: base\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"[]")
        for address, port in (("127.0.0.1", session_port), ("127.0.0.2", gate_port)):
            _ask(address, port, b"done")
