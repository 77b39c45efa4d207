"""Serving a training base: everything is started here, watched here, and ended here."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

import hub_config
from hub_config.containers import remove_sessions
from hub_config.engine import choose_session, connect_engine
from hub_config.internal_tls import hub_client
from hub_config.network import ensure_network, unguard_sessions
from hub_config.pools import clear_slots
from hub_config.routing import hub_dir, hub_url
from hub_config.services import GRADING_PATH
from hub_config.settings import HubSettings, Session
from hub_config.spawner import labs_dir
from hub_config.swarm_link import remove_swarm_sessions
from labs.bundle import build as build_bundle
from shixun.children import Children, tail
from shixun.embedded_redis import redis_answers, redis_command, redis_dir, redis_url
from shixun.errors import StartError
from shixun.leftovers import end_leftovers
from shixun.logs import rotate
from shixun.ports import require_free
from shixun.preparation import log_dir, make_data_dir, prepare_data, prepare_image
from shixun.running import sole_owner
from shixun.screen import build_progress, show_ready, warn_not_isolated

_CONFIG = Path(hub_config.__file__).parent / "jupyterhub_config.py"
_READY_S = 120.0
_POLL_S = 0.1
_WATCH_S = 1.0
# A build may be silent while it installs.
_REMOVAL_TIMEOUT_S = 60.0
_BUILD_TIMEOUT_S = 900.0


def serve(settings: HubSettings, console: Console, environ: Mapping[str, str] = os.environ) -> None:
    """Serve a training base until Ctrl-C, SIGTERM or SIGHUP.

    Parameters
    ----------
    settings
        The hub's settings.
    console
        Where the person who started it looks.
    environ
        The environment that children inherit.

    Raises
    ------
    StartError
        When it cannot be started, or a part of it died.
    HubConfigError
        When settings, accounts, engine or image are at fault.
    """
    make_data_dir(settings.data_dir)
    with _signals_interrupt(), sole_owner(settings.data_dir):
        for leftover in end_leftovers(settings.data_dir):
            console.print(f"Ended the {leftover.program} that an earlier start left behind (pid {leftover.pid}).")
        accounts = prepare_data(settings)
        session = choose_session(settings)
        if session == "process":
            warn_not_isolated(console, settings.language)
        host = _prepare_sessions(settings, session, console)
        children = Children()
        try:
            _require_ports(settings, host)
            _start_children(children, settings, session, environ)
            _await_ready(children, settings, session, host, console)
            show_ready(console, settings, accounts)
            while True:
                children.check()
                rotate(log_dir(settings.data_dir))
                time.sleep(_WATCH_S)
        except KeyboardInterrupt:
            console.print("Stopping ...")
        finally:
            with _signals_ignored():
                children.stop()
                end_leftovers(settings.data_dir)
                if session != "process":
                    _remove_containers(settings, session)
        console.print("Stopped.")


def _prepare_sessions(settings: HubSettings, session: Session, console: Console) -> str:
    """Prepare image and network, or the labs of local processes; return the address where the hub listens."""
    if session == "process":
        build_bundle(labs_dir(settings.data_dir))
        return "127.0.0.1"
    client = connect_engine(_BUILD_TIMEOUT_S)
    try:
        with build_progress(console) as say:
            prepare_image(client, settings, say)
        return ensure_network(client, settings.docker_network)
    finally:
        client.close()


def _require_ports(settings: HubSettings, host: str) -> None:
    require_free(settings.address, settings.port, "SHIXUN_PORT")
    for address in {"127.0.0.1", host}:
        require_free(address, settings.hub_port, "SHIXUN_HUB_PORT")
    require_free(host, settings.grading_port, "SHIXUN_GRADING_PORT")
    require_free("127.0.0.1", settings.proxy_api_port, "SHIXUN_PROXY_API_PORT")


def _start_children(children: Children, settings: HubSettings, session: Session, environ: Mapping[str, str]) -> None:
    data_dir = settings.data_dir
    environment = {**environ, "SHIXUN_DATA_DIR": str(data_dir), "SHIXUN_SESSION": session}
    if not environ.get("SHIXUN_REDIS_URL"):
        environment["SHIXUN_REDIS_URL"] = redis_url(data_dir)
        children.start(
            "Redis",
            redis_command(data_dir),
            environment=environment,
            folder=redis_dir(data_dir),
            log=log_dir(data_dir) / "redis.log",
            grace_s=20,
        )
        _await(children, lambda: redis_answers(redis_url(data_dir)), "Redis", log_dir(data_dir) / "redis.log")
    children.start(
        "JupyterHub",
        [sys.executable, "-m", "jupyterhub", "--config", str(_CONFIG)],
        environment=environment,
        folder=hub_dir(data_dir),
        log=log_dir(data_dir) / "hub.log",
        # It stops every session first, and a container has ten seconds to end.
        grace_s=60,
    )


def _await_ready(children: Children, settings: HubSettings, session: Session, host: str, console: Console) -> None:
    log = log_dir(settings.data_dir) / "hub.log"
    gate = f"{settings.internal_scheme}://{host}:{settings.hub_port}/hub/api"
    with console.status("Starting the hub and the grading service ..."):
        # The hub itself first: before it answers, asking the proxy would only fill its log with errors.
        for name, url in (
            ("the hub", f"{hub_url(settings)}/hub/health"),
            *([("the session gate", gate)] if session != "process" else []),
            ("the hub behind its proxy", f"{settings.public_url}/hub/health"),
            ("the grading service", f"{settings.public_url}{GRADING_PATH}healthz"),
        ):
            _await(children, partial(_answers, settings, host, url), f"{name} at {url}", log)


def _answers(settings: HubSettings, host: str, url: str) -> bool:
    try:
        # Anew each time: the hub's certificates are there only when it has made them.
        with hub_client(settings, host) as web:
            return web.get(url).status_code == httpx.codes.OK
    except (httpx.TransportError, OSError):
        return False


def _await(children: Children, ready: Callable[[], bool], name: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while not ready():
        children.check()
        if time.monotonic() > deadline:
            msg = f"{name} did not answer within {_READY_S:.0f} s; the end of {log}:\n{tail(log)}"
            raise StartError(msg)
        time.sleep(_POLL_S)


def _remove_containers(settings: HubSettings, session: Session) -> None:
    """Remove what a hub that died could not; after a hub that stopped there are no containers."""
    client = connect_engine(_REMOVAL_TIMEOUT_S)
    try:
        if session == "swarm":
            remove_swarm_sessions(client, settings.docker_network)
        remove_sessions(client, settings.docker_network)
        clear_slots(settings)
        unguard_sessions(client, settings)
    finally:
        client.close()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and a closed terminal do what Ctrl-C does."""
    with _handling(_interrupt):
        yield


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Let nothing interrupt the clearing up, or something would stay behind."""
    with _handling(signal.SIG_IGN):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
