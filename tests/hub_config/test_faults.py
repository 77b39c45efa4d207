"""What goes wrong at a school: memory and disks that are full, images that are missing. Plain words, and files kept."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from benchmarks.spawning import ready_s, stop
from benchmarks.spawning_hub import MeasuredHub, measured_hub, user

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.fault]

ANNE, BERT = user(0), user(1)
_LONG_S = 90

_FILL_MEMORY = "python -c 'held = []\nwhile True: held.append(b\"1\" * 10_000_000)'"
# Raised so that the kernel chooses the server; a process may make itself more likely to be ended.
_SERVER_FIRST = (
    "for each in /proc/[0-9]*; do if tr '\\0' ' ' < $each/cmdline | grep -q singleuser; "
    "then echo 1000 > $each/oom_score_adj; fi; done"
)


@pytest.fixture(scope="module")
def hub(lab_image: str) -> Iterator[MeasuredHub]:
    more = '{"gone": "shixun-no-such-image:1"}'
    with measured_hub(
        plain=False,
        pool_size=0,
        users=2,
        lab_image=lab_image,
        memory_limit_mib="320",
        more_images=more,
        session_longest_s="0",
        closing_warning_s="86400",
    ) as hub:
        hub.start()
        yield hub


@pytest.fixture
def client(hub: MeasuredHub) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=hub.url, headers={"Authorization": f"token {hub.token}"}, trust_env=False, timeout=120
    ) as client:
        yield client


def _container(engine: Any, hub: MeasuredHub, name: str) -> Any:
    return engine.containers.get(f"{hub.settings.docker_network}-{name}")


def _notices(client: httpx.Client, name: str) -> list[dict[str, str]]:
    notices: list[dict[str, str]] = client.get(f"/user/{name}/shixun/notices").raise_for_status().json()
    return notices


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONG_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _start_labs(hub: MeasuredHub, client: httpx.Client, name: str) -> None:
    """Choose the ordinary image, wait until the session is there, and stop it."""
    assert client.post(f"/hub/api/users/{name}/server", json={"image": "实训 · Labs"}).status_code in {201, 202}
    _eventually(lambda: client.get(f"/hub/api/users/{name}").json()["servers"].get("", {}).get("ready", False))
    asyncio.run(stop(hub, name))


def test_a_missing_image_is_told_in_plain_words_and_the_next_start_works(
    hub: MeasuredHub, client: httpx.Client
) -> None:
    answer = client.post(f"/hub/api/users/{BERT}/server", json={"image": "gone"})
    assert answer.status_code == 503
    assert "实训镜像 shixun-no-such-image:1 不在服务器上" in answer.json()["message"]
    assert "The image shixun-no-such-image:1 is missing" in answer.json()["message"]
    # JupyterHub remembers what somebody chose last.
    _start_labs(hub, client, BERT)


def test_nobody_chooses_an_image_that_is_not_on_the_list(hub: MeasuredHub, client: httpx.Client) -> None:
    answer = client.post(f"/hub/api/users/{ANNE}/server", json={"image": "debian:latest"})
    assert answer.status_code == 403
    assert "您不能使用实训环境" in answer.json()["message"]
    _start_labs(hub, client, ANNE)


def test_a_program_that_takes_all_memory_is_ended_the_student_is_told_and_the_session_goes_on(
    hub: MeasuredHub, client: httpx.Client, docker_client: Any
) -> None:
    assert asyncio.run(ready_s(hub, ANNE)) is not None
    container = _container(docker_client, hub, ANNE)
    assert _notices(client, ANNE) == []
    assert container.exec_run(["bash", "-c", "echo 十二 > ~/work.txt"]).exit_code == 0
    assert container.exec_run(["bash", "-c", _FILL_MEMORY]).exit_code == 137
    (notice,) = _notices(client, ANNE)
    assert "内存用完了" in notice["zh"]
    assert "Memory ran out" in notice["en"]
    assert container.exec_run(["bash", "-c", "cat ~/work.txt"]).output.decode() == "十二\n"


def test_a_session_that_dies_for_want_of_memory_is_explained_where_it_is_started_again(
    hub: MeasuredHub, client: httpx.Client, docker_client: Any
) -> None:
    """Goes on with the session of the test before."""
    container = _container(docker_client, hub, ANNE)
    container.exec_run(["bash", "-c", _SERVER_FIRST])
    container.exec_run(["bash", "-c", _FILL_MEMORY])
    _eventually(lambda: container.id not in {each.id for each in docker_client.containers.list(ignore_removed=True)})
    # The hub notices by itself, and sooner when somebody comes.
    _eventually(
        lambda: (
            client.get(f"/user/{ANNE}/api/status").status_code != 200
            and not client.get(f"/hub/api/users/{ANNE}").json()["servers"]
        )
    )
    assert ANNE in hub.log.read_text()
    with httpx.Client(base_url=hub.url, follow_redirects=True, trust_env=False, timeout=60) as browser:
        browser.get("/hub/login")
        fields = {"username": ANNE, "password": hub.password(ANNE), "_xsrf": browser.cookies.get("_xsrf", path="/hub/")}
        browser.post("/hub/login", data=fields)
        page = browser.get("/hub/home").text
    assert "您的会话用完了内存" in page
    assert "ran out of memory" in page
    assert asyncio.run(ready_s(hub, ANNE)) is not None
    again = _container(docker_client, hub, ANNE)
    assert again.exec_run(["bash", "-c", "cat ~/work.txt"]).output.decode() == "十二\n"
    asyncio.run(stop(hub, ANNE))


def test_a_full_disk_is_told_and_does_not_keep_the_student_out(
    hub: MeasuredHub, client: httpx.Client, docker_client: Any
) -> None:
    name = f"{hub.settings.docker_network}-home-{BERT}"
    for volume in docker_client.volumes.list(filters={"name": name}):
        volume.remove()
    size = {"type": "tmpfs", "device": "tmpfs", "o": "size=40m,uid=1000,gid=1000,mode=0700"}
    docker_client.volumes.create(name, driver="local", driver_opts=size)
    holder = docker_client.containers.run(
        hub.settings.lab_image,
        ["sleep", "600"],
        detach=True,
        volumes=[f"{name}:/home/student"],
        labels={"io.shixun.network": hub.settings.docker_network},
        network_mode="none",
    )
    try:
        # The volume is in memory as long as somebody holds it, and full before the session starts.
        assert holder.exec_run(["bash", "-c", "head -c 60M /dev/zero > ~/full; test -s ~/full"]).exit_code == 0
        assert asyncio.run(ready_s(hub, BERT)) is not None
        (notice,) = _notices(client, BERT)
        assert "磁盘快满了" in notice["zh"]
        assert "The disk is nearly full" in notice["en"]
        assert client.delete(f"/user/{BERT}/api/contents/full").status_code == 204
        assert _notices(client, BERT) == []
        asyncio.run(stop(hub, BERT))
    finally:
        holder.remove(force=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the session's container on this machine")
def test_a_session_is_told_before_its_class_closes_and_is_stopped_then_with_its_files_kept(
    hub: MeasuredHub, client: httpx.Client, docker_client: Any
) -> None:
    assert asyncio.run(ready_s(hub, ANNE)) is not None
    container = _container(docker_client, hub, ANNE)
    plan = hub.settings.data_dir / "plan.yaml"
    try:
        # Open until a minute before midnight; the warning comes as early as the settings say, here at once.
        plan.write_text("quotas: {demo-class: {opens: '00:00', closes: '23:59:59'}}", encoding="utf-8")
        _eventually(lambda: any("将在 23:59 停止" in each["zh"] for each in _notices(client, ANNE)))
        assert any("will be stopped at 23:59" in each["en"] for each in _notices(client, ANNE))
        plan.write_text("quotas: {demo-class: {opens: '00:00', closes: '00:01'}}", encoding="utf-8")
        _eventually(lambda: not client.get(f"/hub/api/users/{ANNE}").json()["servers"])
        _eventually(
            lambda: container.id not in {each.id for each in docker_client.containers.list(ignore_removed=True)}
        )
        answer = client.post(f"/hub/api/users/{ANNE}/server")
        assert answer.status_code == 403
        assert "开放时间" in answer.json()["message"]
    finally:
        plan.unlink()
    assert [each.name for each in docker_client.volumes.list(filters={"name": f"-home-{ANNE}"})] != []
