"""A submission from a real session while the grading service is away: kept, sent later, counted once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

    from tests.conftest import StartTrainingBase, TrainingBase

SUBMIT = """
import labs
lab = labs.open("pcb-bottleneck", language="en")
print(lab.submit({"second_ict": 1}, wait_s=0))
"""
OPEN = """
import time, labs
from labs.spool import Spool
lab = labs.open("pcb-bottleneck", language="en")
deadline = time.monotonic() + 60
while Spool().waiting() and time.monotonic() < deadline:
    time.sleep(0.2)
print(len(Spool().waiting()), "waiting")
"""


@pytest.fixture
def base(training_base: StartTrainingBase) -> Iterator[TrainingBase]:
    base = training_base("docker")
    base.start_session("student")
    yield base
    base.stop_session("student")


def grading_pid(base: TrainingBase) -> int:
    """Find this base's own grading service: a process whose environment names the base's data folder."""
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if command[1:3] == [b"-m", b"grading"] and f"SHIXUN_DATA_DIR={base.data_dir}".encode() in environment:
            return int(folder.name)
    raise AssertionError(base.log()[-4000:])


@pytest.mark.docker
@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_lost_and_nothing_counted_twice(base: TrainingBase, docker_client: docker.DockerClient) -> None:
    def run(code: str) -> str:
        command = ["/opt/venv/bin/python", "-c", code]
        code_, output = base.container(docker_client, "student").exec_run(command)
        assert code_ == 0, output.decode()
        return str(output.decode())

    pid = grading_pid(base)
    os.kill(pid, signal.SIGSTOP)  # it neither answers nor refuses, as behind a broken network
    try:
        assert "kept in your home" in run(SUBMIT)
        # Stopping the session must not lose it either: the spool is in the student's volume.
        assert "Waiting" in run("from labs.spool import Spool; print(Spool().waiting())")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert "0 waiting" in run(OPEN)

    with base.browse("student") as client:
        deadline = time.monotonic() + 120
        token = client.post(f"/hub/api/users/{base.account('student').name}/tokens", json={}).json()["token"]
        headers = {"Authorization": f"token {token}"}
        while True:
            outcomes = client.get("/services/grading/api/v1/outcomes", headers=headers).raise_for_status().json()
            if outcomes["total"]:
                break
            assert time.monotonic() < deadline, base.log()[-4000:]
            time.sleep(0.5)
        time.sleep(3)  # long enough for a second outcome, if there were one
        outcomes = client.get("/services/grading/api/v1/outcomes", headers=headers).raise_for_status().json()
    assert outcomes["total"] == 1
