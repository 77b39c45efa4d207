"""What is done to a twin outlives its process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from simulators import KINDS
from simulators.production_line import example
from twins.errors import LogError, LogInUseError, OtherPlantError, ReplayError
from twins.twin import Twin

if TYPE_CHECKING:
    from pathlib import Path

    from twins import errors

FAIL = {"command": "fail_machine", "station": "press"}
REPAIR = {"command": "repair_machine", "station": "press"}

VICTIM = """
import sys
from pathlib import Path
from simulators import KINDS
from twins.twin import Twin
kind, log = sys.argv[1:]
twin = Twin(KINDS[kind].example(), 5, log=Path(log))
command = KINDS[kind].commands[0]
names = [name for name in command.model_fields if name != "command"]
first = next(iter(twin.snapshot().values()))
things = {key.removesuffix("s"): value for key, value in twin.snapshot().items() if isinstance(value, list)}
target = {"place": "hall"} if "place" in names else {names[0]: things[names[0]][0]["name"]}
for step in range(1, 1000):
    twin.advance(step * twin.horizon_s / 2000)
    if step == 100:
        twin.apply({"command": command.model_fields["command"].default, **target}, who="student")
    print(twin.time_s, twin.rows, twin.digest, flush=True)
"""


@pytest.mark.fault
@pytest.mark.parametrize("kind", [kind for kind, simulator in KINDS.items() if simulator.plant])
def test_a_killed_process_leaves_a_twin_that_goes_on_byte_for_byte(kind: str, tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    command = [sys.executable, "-c", VICTIM, kind, str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        told = [next(victim.stdout) for _ in range(150)]
        os.kill(victim.pid, signal.SIGKILL)
        told += victim.stdout.readlines()
    time_s, rows, digest = told[-1].split()
    with Twin(KINDS[kind].example(), 5, log=log) as twin:
        assert twin.time_s >= float(time_s)
        assert len(twin.given) == 1
        stood = (twin.time_s, twin.rows, twin.digest)
        if twin.time_s == float(time_s):  # else it was killed between its last step and its last word
            assert stood[1:] == (int(rows), digest)
        twin.advance(twin.horizon_s)
        whole = twin.digest
    straight = Twin(KINDS[kind].example(), 5)
    straight.advance(twin.given[0].time_s)
    straight.apply(twin.given[0].command, who="student")
    straight.advance(straight.horizon_s)
    assert straight.digest == whole


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        twin.advance(300)
        twin.apply(FAIL, who="student")
        twin.advance(400)
        digest = twin.digest
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"kind": "command", "num')
    with Twin(example(), 1, log=log) as twin:
        assert (twin.time_s, twin.digest) == (400, digest)
    assert log.read_bytes().startswith(whole)


def test_marks_take_turns_so_that_the_log_does_not_grow(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        for step in range(1, 50):
            twin.advance(2.0 * step)
        small = log.stat().st_size
        for step in range(50, 150):
            twin.advance(2.0 * step)
        assert log.stat().st_size == small
        twin.apply(FAIL, who="student")
        for step in range(150, 160):
            twin.advance(2.0 * step)
        stood = twin.time_s, twin.rows, twin.digest
        with log.open("rb") as file:
            lines = file.read().splitlines()
    assert [json.loads(line)["kind"] for line in lines[1:]] == ["mark", "mark", "command", "mark", "mark"]
    found = Twin.replay(log)
    assert (found.time_s, found.rows, found.digest) == stood


@pytest.mark.parametrize("turn", [-1, -2])
def test_a_mark_that_is_torn_while_it_takes_its_turn_leaves_the_other_one(tmp_path: Path, turn: int) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        for step in range(1, 20):
            twin.advance(20.0 * step)
    lines = log.read_bytes().splitlines(keepends=True)
    whole = sorted(json.loads(line)["time_s"] for line in lines[1:])
    left = json.loads(lines[-1 if turn == -2 else -2])["time_s"]
    lines[turn] = lines[turn][:60] + b"#" * (len(lines[turn]) - 61) + b"\n"
    log.write_bytes(b"".join(lines))
    with Twin(example(), 1, log=log) as twin:
        assert twin.time_s == left
        assert left in whole


def test_the_log_tells_who_did_what_and_when(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        twin.advance(300)
        twin.apply(FAIL, who="李雷")
        twin.advance(350)
        twin.apply(REPAIR, who="teacher")
        twin.rewind(320, who="teacher")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["who"], line["command"]["command"]) for line in lines if line.get("kind") == "command"] == [
        ("李雷", "fail_machine"),
        ("teacher", "repair_machine"),
    ]
    assert [(line["who"], line["to_s"]) for line in lines if line.get("kind") == "rewind"] == [("teacher", 320)]
    assert all(line["at"].endswith("+00:00") for line in lines if "at" in line)
    with Twin.resume(log) as twin:
        assert [given.who for given in twin.given] == ["李雷"]
        assert twin.time_s == 320


def test_one_process_at_a_time_writes_a_log(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log), pytest.raises(LogInUseError, match="another process runs this twin"):
        Twin(example(), 1, log=log)
    Twin(example(), 1, log=log).close()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda lines: [b"not json", *lines[1:]], LogError, r"twin\.jsonl:1: is no line of a twin's log"),
        (lambda lines: [lines[0], b'{"kind": "dance"}'], LogError, r"twin\.jsonl:2: tells of 'dance'"),
        (
            lambda lines: [lines[0].replace(b'"seed": 1', b'"seed": 2')],
            OtherPlantError,
            "is the log of another plant",
        ),
        (lambda lines: [lines[0].replace(b'twin": 1', b'twin": 9')], LogError, "is of another format than 1"),
        (
            lambda lines: [lines[0], lines[-1].replace(b'"rows": ', b'"rows": 1')],
            ReplayError,
            "though they are the same",
        ),
        (
            lambda lines: [lines[0], changed(lines[-1], digest="0", version="older")],
            ReplayError,
            r"cannot stand at 400 s as it did: simulators \w+ do not give what simulators older gave, as their rules",
        ),
    ],
)
def test_a_log_that_does_not_fit_is_told_and_left_as_it_is(
    tmp_path: Path, change: Any, error: type[errors.TwinError], message: str
) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log) as twin:
        twin.advance(400)
    log.write_bytes(b"".join(line.rstrip() + b"\n" for line in change(log.read_bytes().splitlines())))
    content = log.read_bytes()
    for _ in range(2):  # and it is not kept in use
        with pytest.raises(error, match=message):
            Twin(example(), 1, log=log)
    assert log.read_bytes() == content


def changed(line: bytes, **fields: str) -> bytes:
    return json.dumps(json.loads(line) | fields).encode()


def test_a_command_that_cannot_be_written_down_is_not_carried_out(tmp_path: Path) -> None:
    twin = Twin(example(), 1, log=tmp_path / "twin.jsonl")
    twin.advance(300)
    before = twin.digest, twin.snapshot()
    assert twin._log is not None
    real, full = twin._log._file, open("/dev/full", "a+b", buffering=0)  # noqa: PTH123, SIM115 - the disk is full
    twin._log._file = full  # type: ignore[assignment]
    with pytest.raises(LogError, match="cannot be written: No space left on device"):
        twin.apply(FAIL, who="student")
    assert (twin.digest, twin.snapshot()) == before
    twin._log._file = real
    twin.apply(FAIL, who="student")
    twin.close()
    full.close()


def test_there_is_nothing_to_resume_where_there_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read: No such file"):
        Twin.resume(tmp_path / "twin.jsonl")


def test_a_log_can_be_replayed_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    with Twin(example(), 1, log=log, who="student") as twin:
        twin.advance(300)
        twin.apply(FAIL)
        twin.advance(400)
        replayed = Twin.replay(log)
        assert (replayed.digest, replayed.given) == (twin.digest, twin.given)
        assert replayed.given[0].who == "student"
        content = log.read_bytes()
        replayed.advance(500)
        assert log.read_bytes() == content
        assert twin.time_s == 400


def test_a_field_that_a_release_has_added_makes_no_other_plant(tmp_path: Path) -> None:
    log = tmp_path / "twin.jsonl"
    scenario = example().model_copy(update={"warm_up_s": 0.0})
    with Twin(scenario, 1, log=log) as twin:
        twin.advance(300)
        digest = twin.digest
    first, *others = log.read_text(encoding="utf-8").splitlines()
    origin = json.loads(first)
    del origin["scenario"]["warm_up_s"]  # as an older release, which had no such field, would have written it
    older = origin | {"digest": "0" * 64}
    log.write_text("\n".join([json.dumps(older), *others, ""]), encoding="utf-8")
    with Twin(scenario, 1, log=log) as twin:
        assert twin.digest == digest
