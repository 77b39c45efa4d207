"""The Docker engine goes away and comes back, beneath a real hub: an engine of this test's own.

Two engines in one network namespace take away each other's bridge and firewall. So this file runs itself once more in a
namespace of its own, where engine, hub and test are by themselves.
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.spawning import await_pool, ready_s, stop
from benchmarks.spawning_hub import MeasuredHub, measured_hub, user
from hub_config.engine import connect_engine, engine_answers
from tests.conftest import engine_may_be_missing

pytestmark = [
    pytest.mark.docker,
    pytest.mark.long,
    pytest.mark.fault,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("dockerd"), reason="starting an engine needs root and dockerd"
    ),
]

_MARK = "SHIXUN_TEST_NAMESPACE"
_INSIDE = _MARK in os.environ
ANNE, BERT = user(0), user(1)
_LONG_S = 180


class _Engine:
    """An engine with folders and a socket of its own."""

    def __init__(self) -> None:
        self.folder = Path("/var/tmp") / f"shixun-engine-{secrets.token_hex(4)}"  # noqa: S108 not in memory
        self.folder.mkdir(mode=0o700)
        self.address = f"unix://{self.folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["dockerd", "--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec"]
        command += ["--host", self.address, "--pidfile", f"{self.folder}/pid"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + _LONG_S
        with engine_may_be_missing():
            while not engine_answers():
                assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(120)

    def remove(self) -> None:
        self.stop()
        # What the engine mounted goes with it, but for what it leaves in haste.
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            place = line.split()[1]
            if place.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def engine(lab_image: str) -> Iterator[_Engine]:
    engine = _Engine()
    with pytest.MonkeyPatch.context() as patch:
        saving = subprocess.Popen(["docker", "save", lab_image], stdout=subprocess.PIPE)
        patch.setenv("DOCKER_HOST", engine.address)
        try:
            engine.start()
            subprocess.run(["docker", "load", "--quiet"], stdin=saving.stdout, check=True, capture_output=True)
            assert saving.wait(60) == 0
            yield engine
        finally:
            saving.kill()
            if saving.stdout:
                saving.stdout.close()
            engine.remove()


@pytest.fixture(scope="module")
def hub(engine: _Engine, lab_image: str) -> Iterator[MeasuredHub]:
    with measured_hub(plain=False, pool_size=1, users=2, lab_image=lab_image, firewall="off") as hub:
        hub.start()
        yield hub


def _eventually(hub: MeasuredHub, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONG_S
    while not holds():
        assert time.monotonic() < deadline, hub.log.read_text()[-6000:]
        time.sleep(0.5)


def _run(hub: MeasuredHub, name: str, command: str) -> str:
    with closing(connect_engine()) as client:
        container: Any = client.containers.get(f"{hub.settings.docker_network}-{name}")
        code, output = container.exec_run(["bash", "-c", command])
    assert code == 0, output.decode()
    return str(output.decode().strip())


@pytest.mark.skipif(_INSIDE, reason="this is the run in the namespace")
def test_the_engine_goes_and_comes_in_a_namespace_of_its_own(lab_image: str) -> None:
    script = 'ip link set lo up && exec "$@"'
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", *command],
        env=os.environ | {_MARK: "1"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout[-8000:]


@pytest.mark.skipif(not _INSIDE, reason="run in a namespace of its own by the test above")
def test_while_the_engine_is_away_it_is_told_so_and_afterwards_all_is_as_before(
    engine: _Engine, hub: MeasuredHub
) -> None:
    await_pool(hub, 1)
    assert asyncio.run(ready_s(hub, ANNE)) is not None
    _run(hub, ANNE, "echo 十二 > ~/work.txt")
    with httpx.Client(
        base_url=hub.url, headers={"Authorization": f"token {hub.token}"}, trust_env=False, timeout=120
    ) as client:
        engine.stop()
        answer = client.post(f"/hub/api/users/{BERT}/server")
        assert answer.status_code == 503
        assert "会话引擎暂时没有响应" in answer.json()["message"]
        assert "does not answer just now" in answer.json()["message"]
        assert client.get("/hub/health").status_code == 200
        engine.start()
        # The engine has ended her session; the hub notices, at the latest when she comes.
        _eventually(
            hub,
            lambda: (
                client.get(f"/user/{ANNE}/api/status").status_code != 200
                and not client.get(f"/hub/api/users/{ANNE}").json()["servers"]
            ),
        )
    assert asyncio.run(ready_s(hub, ANNE)) is not None
    assert _run(hub, ANNE, "cat ~/work.txt") == "十二"
    assert asyncio.run(ready_s(hub, BERT)) is not None
    await_pool(hub, 1)
    for name in (ANNE, BERT):
        asyncio.run(stop(hub, name))
