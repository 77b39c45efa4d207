"""Sessions claimed from the pool, in a real hub and real containers."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from docker.errors import APIError

from benchmarks.spawning import await_pool, ready_s, run_cell, stop
from benchmarks.spawning_hub import MeasuredHub, measured_hub, user

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="a pool mounts users' files, which needs root"),
]

ANNE, BERT = user(0), user(1)
_LONG_S = 90


@pytest.fixture(scope="module")
def hub(lab_image: str) -> Iterator[MeasuredHub]:
    with measured_hub(plain=False, pool_size=2, users=3, lab_image=lab_image, sessions_most="3") as hub:
        hub.start()
        await_pool(hub, 2)
        yield hub


@pytest.fixture
def start(hub: MeasuredHub) -> Iterator[Callable[[str], float | None]]:
    """Start a session and run a cell in it; sessions are stopped at the end of the test."""
    started = []

    def start(name: str) -> float | None:
        started.append(name)
        return asyncio.run(ready_s(hub, name))

    yield start
    for name in started:
        if name in _running(hub):
            asyncio.run(stop(hub, name))


@pytest.fixture
def plan(hub: MeasuredHub) -> Iterator[Callable[[str], None]]:
    """Put a plan in force; there is none again at the end of the test."""
    path = hub.settings.data_dir / "plan.yaml"

    def write(text: str) -> None:
        path.write_text(text, encoding="utf-8")
        _eventually(lambda: _status(hub)["plan_written"] == path.stat().st_mtime)

    yield write
    path.unlink()


def _token(hub: MeasuredHub) -> dict[str, str]:
    return {"Authorization": f"token {hub.token}"}


def _container(client: Any, hub: MeasuredHub, name: str) -> Any:
    return client.containers.get(f"{hub.settings.docker_network}-{name}")


def _waiting(client: Any, hub: MeasuredHub) -> dict[str, Any]:
    prefix = f"{hub.settings.docker_network}-pool-"
    return {each.id: each for each in client.containers.list(filters={"name": prefix}, ignore_removed=True)}


def _run(container: Any, command: str) -> str:
    code, output = container.exec_run(["bash", "-c", command])
    assert code == 0, output.decode()
    return str(output.decode().strip())


def _running(hub: MeasuredHub) -> set[str]:
    users = httpx.get(f"{hub.url}/hub/api/users?state=active", headers=_token(hub), trust_env=False, timeout=60).json()
    return {user["name"] for user in users}


def _status(hub: MeasuredHub) -> dict[str, Any]:
    answer = httpx.get(f"{hub.url}/services/pool/api/status", headers=_token(hub), trust_env=False, timeout=60)
    status: dict[str, Any] = answer.json()
    return status


def _line(hub: MeasuredHub) -> list[tuple[str, str]]:
    return [(each["name"], each["reason"]) for each in _status(hub)["line"]]


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONG_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_claimed_container_has_its_users_files_and_nobody_gets_it_again(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    before = set(_waiting(docker_client, hub))
    assert start(ANNE) is not None
    first = _container(docker_client, hub, ANNE)
    assert first.id in before
    assert f"Claimed {first.name}" in hub.log.read_text()
    assert _run(first, "cd; stat -c '%u:%g %a' .; ls") == "1000:1000 700\nlabs"
    _run(first, "echo 十二 > ~/work.txt")
    asyncio.run(stop(hub, ANNE))
    _eventually(
        lambda: first.id not in {each.id for each in docker_client.containers.list(all=True, ignore_removed=True)}
    )
    await_pool(hub, 2)
    assert start(ANNE) is not None
    second = _container(docker_client, hub, ANNE)
    assert second.id != first.id
    assert _run(second, "cat ~/work.txt") == "十二"


def test_claimed_containers_see_neither_each_other_nor_other_slots(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    await_pool(hub, 2)
    assert start(ANNE) is not None
    assert start(BERT) is not None
    anne, bert = (_container(docker_client, hub, name) for name in (ANNE, BERT))
    _run(anne, "echo secret > ~/mine.txt")
    assert _run(bert, "ls /home; find / -xdev -name mine.txt 2>/dev/null; ls ~") == "student\nlabs"
    slots = [_run(each, "grep shixun-slot /proc/mounts | cut -d' ' -f2 | sort") for each in (anne, bert)]
    assert slots == ["/home\n/run/shixun"] * 2
    # Nothing but her own home is hers to write outside memory, and the door's place holds next to nothing.
    assert "refused" in _run(bert, "touch /home/mark 2>/dev/null || echo refused")
    assert "full" in _run(bert, "head -c 200000 /dev/zero > /run/shixun/fill 2>/dev/null || echo full")


def test_a_claimed_container_is_confined_as_one_started_cold(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    await_pool(hub, 1)
    assert start(ANNE) is not None
    container = _container(docker_client, hub, ANNE)
    host = container.attrs["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["Memory"] == host["MemorySwap"] == hub.settings.memory_limit_mib * 1024 * 1024
    assert host["PidsLimit"] == hub.settings.pids_limit
    assert container.attrs["Config"]["User"] == "1000:1000"
    assert "CapEff:\t0000000000000000" in _run(container, "cat /proc/1/status")
    assert not [each for each in container.attrs["Config"]["Env"] if "TOKEN" in each]
    assert "gone" in _run(container, "test -e /run/shixun/door.sock || echo gone")


def test_dead_containers_in_the_pool_mean_a_cold_start_and_no_error(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    await_pool(hub, 2)
    dead = _waiting(docker_client, hub)
    for container in dead.values():
        with suppress(APIError):  # the pool itself may be removing one of which it has too many
            container.kill()
    assert start(ANNE) is not None
    assert _container(docker_client, hub, ANNE).id not in dead


def test_who_finds_the_pool_empty_gets_a_container_of_the_same_kind(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    size = {"image": hub.settings.lab_image, "size": 0}
    with httpx.Client(base_url=hub.url, headers=_token(hub), trust_env=False, timeout=30) as client:
        assert client.patch("/services/pool/api/size", json=size).status_code == 204
        _eventually(lambda: not _waiting(docker_client, hub))
        assert start(ANNE) is not None
        container = _container(docker_client, hub, ANNE)
        slot = hub.settings.data_dir / "slots" / container.labels["io.shixun.slot"]
        assert slot.exists()
        assert "labs" in _run(container, "cd; ls").split()
        assert container.attrs["HostConfig"]["CpuShares"] == 1024
        (pool,) = _status(hub)["pools"]
        assert pool["misses"] > 0
        asyncio.run(stop(hub, ANNE))
        _eventually(lambda: not slot.exists())
        assert client.patch("/services/pool/api/size", json=size | {"size": 2}).status_code == 204


@pytest.mark.fault
def test_a_hub_killed_and_started_again_keeps_sessions_and_pool(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    await_pool(hub, 2)
    assert start(ANNE) is not None
    session = _container(docker_client, hub, ANNE)
    await_pool(hub, 2)
    hub.end(signal.SIGKILL)
    # With one that it may have been about to start.
    prefix = f"{hub.settings.docker_network}-pool-"
    listed = docker_client.containers.list(all=True, filters={"name": prefix}, ignore_removed=True)
    waiting = {each.id for each in listed}
    assert session.id in {each.id for each in docker_client.containers.list(ignore_removed=True)}
    hub.start()
    headers = {"Authorization": f"token {hub.token}"}
    _eventually(
        lambda: (
            httpx.get(f"{hub.url}/user/{ANNE}/api/status", headers=headers, trust_env=False, timeout=60).status_code
            == 200
        )
    )
    servers = httpx.get(f"{hub.url}/hub/api/users/{ANNE}", headers=headers, trust_env=False, timeout=60).json()[
        "servers"
    ]
    assert servers[""]["ready"]
    assert _container(docker_client, hub, ANNE).id == session.id
    # It keeps those that wait; one that recent arrivals had called for is one too many for a hub that saw none.
    _eventually(lambda: len(_waiting(docker_client, hub)) == 2)
    assert set(_waiting(docker_client, hub)) <= waiting
    # The pool is the new hub's: it is claimed from, and the old session's slot goes with the session.
    assert start(BERT) is not None
    assert _container(docker_client, hub, BERT).id in waiting
    slot = session.labels["io.shixun.slot"]
    asyncio.run(stop(hub, ANNE))
    _eventually(lambda: not (hub.settings.data_dir / "slots" / slot).exists())


def test_kernels_of_a_claimed_session_are_interrupted_restarted_and_ended(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    await_pool(hub, 1)
    assert start(ANNE) is not None
    with httpx.Client(
        base_url=f"{hub.url}/user/{ANNE}", headers={"Authorization": f"token {hub.token}"}, trust_env=False, timeout=60
    ) as server:
        (kernel,) = server.get("/api/kernels").json()
        # It is a fork of the nursery and has its command line.
        commands = _run(_container(docker_client, hub, ANNE), "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
        assert "ipykernel_launcher" not in commands
        assert server.post(f"/api/kernels/{kernel['id']}/interrupt").status_code == 204
        assert server.post(f"/api/kernels/{kernel['id']}/restart").status_code == 200
        asyncio.run(run_cell(hub, f"/user/{ANNE}/api/kernels/{kernel['id']}/channels"))
        assert server.delete(f"/api/kernels/{kernel['id']}").status_code == 204
        assert json.loads(server.get("/api/kernels").text) == []


def test_the_pool_service_shows_and_resizes_for_those_who_may(hub: MeasuredHub, docker_client: Any) -> None:
    await_pool(hub, 2)
    image = hub.settings.lab_image
    with httpx.Client(base_url=f"{hub.url}/services/pool", trust_env=False, timeout=30) as client:
        assert client.get("/api/status").status_code in {302, 403}
        client.headers["Authorization"] = f"token {hub.token}"
        (pool,) = client.get("/api/status").json()["pools"]
        assert pool["image"] == image
        assert pool["size"] == 2
        assert "会话池" in client.get("/").text
        assert f'shixun_pool_waiting{{image="{image}"}}' in client.get("/metrics").text
        assert client.patch("/api/size", json={"image": "other", "size": 1}).status_code == 404
        assert client.patch("/api/size", json={"image": image, "size": -1}).status_code == 400
        assert client.patch("/api/size", json={"image": image, "size": 3}).status_code == 204
        await_pool(hub, 3)
        assert client.patch("/api/size", json={"image": image, "size": 2}).status_code == 204
        _eventually(lambda: len(_waiting(docker_client, hub)) == 2)


def test_a_class_has_the_memory_and_processors_that_its_quota_names(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None], plan: Callable[[str], None]
) -> None:
    plan("quotas: {demo-class: {session_memory_mib: 700, session_cpu_cores: 0.5}, demo-school: {cpu_most_cores: 0.9}}")
    await_pool(hub, 1)
    before = set(_waiting(docker_client, hub))
    assert start(ANNE) is not None
    container = _container(docker_client, hub, ANNE)
    assert container.id in before
    host = container.attrs["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 700 * 1024**2
    assert host["CpuQuota"] / host["CpuPeriod"] == 0.5
    assert _run(container, "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max") == str(
        700 * 1024**2
    )
    # The school's processors are used up: the next waits.
    with httpx.Client(base_url=hub.url, headers=_token(hub), trust_env=False, timeout=60) as client:
        assert client.post(f"/hub/api/users/{BERT}/server").status_code == 202
        _eventually(lambda: _line(hub) == [(BERT, "quota")])
        plan("")
        _eventually(lambda: client.get(f"/hub/api/users/{BERT}").json()["servers"].get("", {}).get("ready", False))
    asyncio.run(stop(hub, BERT))


def test_a_drained_host_starts_nothing_and_ends_nothing(
    hub: MeasuredHub, docker_client: Any, start: Callable[[str], float | None]
) -> None:
    assert start(ANNE) is not None
    with httpx.Client(base_url=hub.url, headers=_token(hub), trust_env=False, timeout=60) as client:
        assert client.patch("/services/pool/api/drain", json={"draining": "yes"}).status_code == 400
        assert client.patch("/services/pool/api/drain", json={"draining": True}).status_code == 204
        _eventually(lambda: client.get("/services/pool/api/status").json()["draining"])
        answer = client.post(f"/hub/api/users/{BERT}/server")
        assert answer.status_code == 403
        assert "即将维护" in answer.json()["message"]
        assert "about to be maintained" in answer.json()["message"]
        _eventually(lambda: not _waiting(docker_client, hub))
        assert client.get(f"/user/{ANNE}/api/status").status_code == 200
        _eventually(lambda: _status(hub)["sessions"] == 1)
        assert client.patch("/services/pool/api/drain", json={"draining": False}).status_code == 204
        await_pool(hub, 1)


def test_when_seats_are_taken_one_waits_is_told_her_place_and_comes_in(
    hub: MeasuredHub, start: Callable[[str], float | None], plan: Callable[[str], None]
) -> None:
    """Of three seats two are kept for another class."""
    now = datetime.now(UTC)
    begins, ends = (now - timedelta(minutes=1)).isoformat(), (now + timedelta(hours=1)).isoformat()
    plan(f"bookings: [{{group: other-class, seats: 2, begins: '{begins}', ends: '{ends}'}}]")
    assert start(ANNE) is not None
    with (
        httpx.Client(base_url=f"{hub.url}/hub/api", headers=_token(hub), trust_env=False, timeout=60) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        asked = threads.submit(client.post, f"/users/{BERT}/server")
        _eventually(lambda: client.get(f"/users/{BERT}").json().get("pending") == "spawn")
        with client.stream("GET", f"/users/{BERT}/server/progress") as progress:
            told = next(line for line in progress.iter_lines() if "number 1" in line)
        assert "第 1 位" in json.loads(told.removeprefix("data: "))["message"]
        _eventually(lambda: _line(hub) == [(BERT, "full")])
        asyncio.run(stop(hub, ANNE))
        assert asked.result(60).status_code in {201, 202}
        _eventually(lambda: client.get(f"/users/{BERT}").json()["servers"].get("", {}).get("ready", False))
    asyncio.run(stop(hub, BERT))
