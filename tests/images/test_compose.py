"""images/compose.yaml, started for real: one host with PostgreSQL and Redis."""

import os
import secrets
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_config.accounts import accounts_file, read_accounts
from hub_config.person import AccountRole
from hub_config.ports import find_free_ports
from hub_config.service_images import build_service_images
from hub_config.settings import HubSettings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "images/compose.yaml"
_READY_S = 240


def _compose_command() -> list[str]:
    """Docker's plugin, or the older program of its own."""
    if shutil.which("docker"):
        found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if found.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else []


pytestmark = [
    pytest.mark.docker,
    pytest.mark.long,
    pytest.mark.timeout(1200),  # it builds three images where they are not there
    pytest.mark.skipif(not _compose_command(), reason="no Docker Compose; install it: apt-get install docker-compose"),
    pytest.mark.skipif(os.geteuid() != 0, reason="the training base in its container writes its folder as root"),
]


class _Composed:
    def __init__(self, folder: Path, images: dict[str, str], lab_image: str) -> None:
        self.port, hub_port, grading_port, proxy_port = find_free_ports(4)
        self.data_dir = folder / "data"
        self.network = f"shixun-test-{secrets.token_hex(3)}"
        settings = {
            "SHIXUN_PORT": self.port,
            "SHIXUN_HUB_PORT": hub_port,
            "SHIXUN_GRADING_PORT": grading_port,
            "SHIXUN_PROXY_API_PORT": proxy_port,
            "SHIXUN_DOCKER_NETWORK": self.network,
            "SHIXUN_LAB_IMAGE": lab_image,
        }
        (folder / "shixun.env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.environment = os.environ | {
            "SHIXUN_DATA_DIR": str(self.data_dir),
            "SHIXUN_ENV_FILE": str(folder / "shixun.env"),
            **{f"SHIXUN_{name.upper()}_IMAGE": image for name, image in images.items()},
        }
        self.project = self.network

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [*_compose_command(), "-f", COMPOSE, "-p", self.project, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def await_ready(self) -> None:
        deadline = time.monotonic() + _READY_S
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=60) as client:
            while True:
                try:
                    if client.get("/services/grading/readyz").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                assert time.monotonic() < deadline, self.run("logs", "--tail=60")
                time.sleep(0.5)


@pytest.fixture(scope="module")
def base(docker_client: Any, lab_image: str) -> Iterator[_Composed]:
    images = build_service_images(docker_client, HubSettings(), lambda line: None)
    folder = Path("/var/tmp") / f"shixun-compose-{secrets.token_hex(4)}"  # noqa: S108 the engine must see it
    folder.mkdir()
    composed = _Composed(folder, images, lab_image)
    try:
        composed.run("up", "-d")
        composed.await_ready()
        yield composed
    finally:
        composed.run("down", "--volumes", "--timeout", "60")
        for volume in docker_client.volumes.list(filters={"name": f"{composed.network}-home-"}):
            volume.remove()
        for network in docker_client.networks.list(names=[composed.network]):
            network.remove()
        shutil.rmtree(folder)


def _login(base: _Composed, client: httpx.Client) -> str:
    accounts = {each.role: each for each in read_accounts(accounts_file(base.data_dir))}
    student = accounts[AccountRole.STUDENT]
    client.get("/hub/login")
    xsrf = client.cookies.get("_xsrf", path="/hub/")
    client.post("/hub/login", data={"username": student.name, "password": student.password, "_xsrf": xsrf})
    client.headers["X-XSRFToken"] = client.cookies.get("_xsrf", path="/hub/") or ""
    return student.name


def test_a_student_gets_a_session_beside_the_hubs_container(base: _Composed, docker_client: Any) -> None:
    with httpx.Client(
        base_url=f"http://127.0.0.1:{base.port}", follow_redirects=True, timeout=120, trust_env=False
    ) as client:
        name = _login(base, client)
        assert client.post(f"/hub/api/users/{name}/server").status_code in {201, 202}
        deadline = time.monotonic() + 120
        while not client.get(f"/hub/api/users/{name}").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        container = docker_client.containers.get(f"{base.network}-{name}")
        # It is a container of the machine, beside the hub's.
        assert container.attrs["HostConfig"]["NetworkMode"] == base.network
        assert client.delete(f"/hub/api/users/{name}/server").status_code in {202, 204}


def test_outcomes_are_in_postgresql_and_news_in_redis(base: _Composed) -> None:
    tables = base.run(
        "exec", "-T", "database", "psql", "-h", "/run/postgresql", "-U", "shixun", "-tAc", "\\dt", "shixun"
    )
    assert "|outcomes|" in tables
    assert not (base.data_dir / "grading.sqlite3").exists()
    clients = base.run("exec", "-T", "redis", "redis-cli", "-s", "/run/redis/redis.sock", "client", "list")
    assert len(clients.splitlines()) > 1


def test_commands_run_in_the_bases_container(base: _Composed) -> None:
    examined = base.run("exec", "-T", "base", "shixun", "doctor")
    assert "transcripts on paper: /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc" in examined
    copy = base.data_dir / "copy.tar.gz"
    base.run("exec", "-T", "base", "shixun", "backup", str(copy))
    assert tarfile.is_tarfile(copy)


def test_database_and_redis_have_no_network(base: _Composed, docker_client: Any) -> None:
    for service in ("database", "redis"):
        container = docker_client.containers.get(base.run("ps", "-q", service).strip())
        assert set(container.attrs["NetworkSettings"]["Networks"]) == {"none"}


def test_what_is_stored_outlives_a_restart(base: _Composed) -> None:
    accounts = accounts_file(base.data_dir).read_text()
    base.run("restart", "--timeout", "60")
    base.await_ready()
    assert accounts_file(base.data_dir).read_text() == accounts
    tables = base.run(
        "exec", "-T", "database", "psql", "-h", "/run/postgresql", "-U", "shixun", "-tAc", "\\dt", "shixun"
    )
    assert "|outcomes|" in tables
