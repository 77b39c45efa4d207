"""A hub of its own for measuring: real containers, many users, no grading service."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from hub_config.accounts import accounts_file, read_accounts
from hub_config.containers import remove_sessions
from hub_config.engine import connect_engine
from hub_config.internal_tls import hub_client
from hub_config.network import ensure_network, unguard_sessions
from hub_config.pools import clear_slots
from hub_config.ports import find_free_ports
from hub_config.routing import hub_dir, hub_url
from hub_config.settings import PREFIX, HubSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MeasuredHub", "measured_hub", "user"]

_READY_S = 180.0
_CONFIG = """
import os
from hub_config.configure import configure
from hub_config.database import write_ahead
from hub_config.pools import open_pools
from hub_config.settings import HubSettings

c = get_config()
configure(c, HubSettings())
write_ahead()
c.JupyterHub.services = [each for each in c.JupyterHub.services if each["name"] in ("session-gate", "pool")]
c.JupyterHub.services.append({"name": "bench", "api_token": os.environ["BENCH_TOKEN"]})
c.JupyterHub.default_url = "/hub/home"
scopes = ["admin:users", "admin:servers", "access:servers", "access:services", "read:hub"]
c.JupyterHub.load_roles = [
    *(role for role in c.JupyterHub.load_roles if role["name"] == "pool-service"),
    {"name": "bench", "services": ["bench"], "scopes": scopes},
]
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
if os.environ["BENCH_SPAWNER"] == "plain":
    c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
else:
    open_pools(c)
"""


def user(number: int) -> str:
    """Name a user of the measuring hub."""
    return f"u{number:03d}"


@dataclass
class MeasuredHub:
    """A running hub.

    Attributes
    ----------
    url
        Its public address.
    token
        Of a service that may start and enter every session.
    settings
        Of the hub.
    environment
        Its environment.
    host
        Address of its sessions' bridge.
    """

    url: str
    token: str
    settings: HubSettings
    environment: dict[str, str]
    host: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it has printed."""
        return self.settings.data_dir / "hub.log"

    def password(self, name: str) -> str:
        """Tell a user's password."""
        return next(each.password for each in read_accounts(accounts_file(self.settings.data_dir)) if each.name == name)

    def start(self) -> float:
        """Start it; returns the seconds until it answered."""
        begin = time.perf_counter()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 our own program
                [sys.executable, "-m", "jupyterhub", "--config", str(self.settings.data_dir / "config.py")],
                env=self.environment,
                cwd=hub_dir(self.settings.data_dir),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # The hub itself: a proxy that a killed hub left behind would only say that the hub is away.
        for url in (hub_url(self.settings), self.url):
            _await_answer(self, f"{url}/hub/health", self.process)
        return time.perf_counter() - begin

    def once(self) -> None:
        """Start it and end it, so that it knows its users afterwards."""
        try:
            self.start()
        finally:
            self.end()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, by default as it ends in peace."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(120)


@contextmanager
def measured_hub(
    *, plain: bool, pool_size: int, users: int, known: bool = False, **settings: str
) -> Iterator[MeasuredHub]:
    """Prepare a hub in a folder, on ports and on a network of its own; everything of it is gone afterwards.

    Parameters
    ----------
    plain
        Whether sessions are those of DockerSpawner as it is, without a pool.
    pool_size
        Containers started ahead.
    users
        How many users it has accounts for.
    known
        Whether it has run before, and so knows them.
    **settings
        Further settings of the hub.

    Yields
    ------
    MeasuredHub
        Not started yet.
    """
    port, hub_port, grading_port, proxy_port = find_free_ports(4)
    with tempfile.TemporaryDirectory(prefix="shixun-bench-", dir="/var/tmp") as folder:
        data = Path(folder)
        own = {
            "SHIXUN_DATA_DIR": folder,
            "SHIXUN_PORT": str(port),
            "SHIXUN_HUB_PORT": str(hub_port),
            "SHIXUN_GRADING_PORT": str(grading_port),
            "SHIXUN_PROXY_API_PORT": str(proxy_port),
            "SHIXUN_SESSION": "docker",
            "SHIXUN_DOCKER_NETWORK": f"shixun-bench-{secrets.token_hex(3)}",
            "SHIXUN_POOL_SIZE": str(0 if plain else pool_size),
            **{f"{PREFIX}{name}".upper(): value for name, value in settings.items()},
        }
        chosen = HubSettings.model_validate(
            {
                name.removeprefix(PREFIX).lower(): json.loads(value) if value.startswith("{") else value
                for name, value in own.items()
            }
        )
        _write_accounts(accounts_file(data), users)
        hub_dir(data).mkdir(mode=0o700)
        (data / "config.py").write_text(_CONFIG, encoding="utf-8")
        token = secrets.token_hex(16)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | own
        environment |= {"BENCH_TOKEN": token, "BENCH_SPAWNER": "plain" if plain else "warm"}
        with closing(connect_engine()) as client:
            host = ensure_network(client, chosen.docker_network)
        hub = MeasuredHub(f"http://127.0.0.1:{port}", token, chosen, environment, host)
        try:
            if known:
                # Without a pool: what that one left waiting would be found by the next.
                MeasuredHub(hub.url, token, chosen, environment | {"SHIXUN_POOL_SIZE": "0"}, host).once()
            yield hub
        finally:
            hub.end()
            _clear(chosen)


def _write_accounts(path: Path, users: int) -> None:
    accounts = [{"name": user(n), "password": secrets.token_hex(8), "role": "student"} for n in range(users)]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(accounts, file)


def _await_answer(hub: MeasuredHub, url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            with hub_client(hub.settings, hub.host) as web:
                if web.get(url).status_code == httpx.codes.OK:
                    return
        except (httpx.TransportError, OSError):
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            msg = f"the hub did not answer:\n{hub.log.read_text(errors='replace')[-4000:]}"
            raise RuntimeError(msg)
        time.sleep(0.02)


def _clear(settings: HubSettings) -> None:
    with closing(connect_engine(60)) as client:
        remove_sessions(client, settings.docker_network)
        clear_slots(settings)
        unguard_sessions(client, settings)
        for volume in client.volumes.list(filters={"name": f"{settings.docker_network}-home-"}):
            volume.remove()
        for network in client.networks.list(names=[settings.docker_network]):
            network.remove()
