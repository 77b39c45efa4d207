"""The commands ``shixun twin …``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from redis import Redis
from typer.testing import CliRunner

from hub_config.ports import find_free_ports
from shixun.cli import app
from simulators.production_line import example
from twins.feed import Ended, Piece, Snapshot, follow
from twins.opcua import Accounts
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "plant" / "scenario.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(example().model_dump(mode="json")), encoding="utf-8")
    return path


@contextmanager
def served(tmp_path: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run ``shixun twin serve`` and give what it says until it says nothing more of where things are."""
    command = [str(Path(sys.executable).parent / "shixun"), "twin", "serve", *words]
    environment = {"PATH": "/usr/bin:/bin", "SHIXUN_DATA_DIR": str(tmp_path / "data"), "LANG": "C.UTF-8"}
    lines = 1 + sum(word in ("--feed", "--page", "--opcua") for word in words)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline() for _ in range(lines)]
        finally:
            process.kill()


def test_a_twin_is_served_until_ctrl_c_and_goes_on_where_it_was(scenario: Path, tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    words = [str(scenario), "--seed", "7", "--speed", "50", "--log", str(log)]
    (port,) = find_free_ports(1)
    with served(tmp_path, *words, "--feed", "line", "--page", str(port), "--opcua", "0") as (process, said):
        assert "0 s at 50 ×" in said[0]
        url = said[1].split("@")[1].strip()
        with Redis.from_url(url, socket_timeout=30) as client:
            seen: list[Any] = []
            stream = follow(client, "line")
            while len(seen) < 4:
                seen.append(next(stream))
            assert isinstance(seen[0], Snapshot)
            assert isinstance(seen[1], Piece)
            assert httpx.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200
            assert said[3].startswith("OPC UA: opc.tcp://127.0.0.1:")
            process.send_signal(signal.SIGINT)
            assert any(isinstance(message, Ended) for message in stream)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert err == ""
        assert "已停止 · Stopped: t = " in out
    told = Twin.replay(log)
    assert told.time_s > 0
    with served(tmp_path, *words) as (process, said):
        assert f"runs from {told.time_s:g} s" in said[0]


def test_a_twin_ends_at_its_horizon(scenario: Path, tmp_path: Path) -> None:
    with served(tmp_path, str(scenario), "--speed", "1e6", "--from", "1200") as (process, said):
        assert "runs from 1200 s" in said[0]
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "t = 2400 s" in out


def test_a_log_is_replayed(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log, who="李雷") as twin:
        twin.advance(300)
        twin.apply({"command": "fail_machine", "station": "press"})
        twin.advance(500)
    found = CliRunner().invoke(app, ["twin", "replay", "--json", str(log)])
    content = json.loads(found.stdout)
    assert (content["time_s"], content["digest"]) == (500, twin.digest)
    assert content["commands"][0]["who"] == "李雷"
    shown = CliRunner().invoke(app, ["twin", "replay", str(log)])
    assert shown.exit_code == 0
    assert "李雷" in shown.stdout
    assert "重放一致 · The same as then: t = 500 s" in shown.stdout


def test_a_log_that_comes_out_otherwise_is_told_by_the_exit_code(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        twin.advance(300)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[-1] |= {"digest": "0", "version": "older"}
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = CliRunner().invoke(app, ["twin", "replay", str(log)])
    assert found.exit_code == 1
    assert "as their rules have changed since" in found.stderr
    missing = CliRunner().invoke(app, ["twin", "replay", str(tmp_path / "none.jsonl")])
    assert missing.exit_code == 2
    assert "none.jsonl: cannot be read" in missing.stderr


def test_an_account_is_written_without_its_password(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    for name, role in (("韩梅梅", "operate"), ("guest", "watch")):
        command = ["twin", "account", name, "--role", role, "--file", str(file)]
        found = CliRunner().invoke(app, command, input="open sesame\nopen sesame\n")
        assert found.exit_code == 0, found.output
    assert "sesame" not in file.read_text(encoding="utf-8")
    accounts = Accounts.read(file)
    assert accounts.role_of("韩梅梅", "open sesame") == "operate"
    assert accounts.role_of("guest", "open sesame") == "watch"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--speed", "0"], "speed = 0.0 must be > 0"),
        (["--accounts", "none.yaml", "--opcua", "0"], "none.yaml"),
        (["--feed", "x", "--redis", "redis://127.0.0.1:9"], "is the Redis server running"),
        (["--from", "1e9"], "to_s = 1000000000.0 must be 0 to 2400"),
    ],
)
def test_what_cannot_be_served_is_told(scenario: Path, tmp_path: Path, words: list[str], message: str) -> None:
    with served(tmp_path, str(scenario), *words) as (process, _):
        _, err = process.communicate(timeout=60)
    assert process.returncode in (1, 2)
    assert message in err
    assert "Traceback" not in err
