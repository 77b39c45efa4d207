"""``shixun doctor``: what an administrator should know about this machine and these settings."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docker
from docker.errors import DockerException, ImageNotFound, NotFound

from grading.settings import GradingSettings
from hub_config.accounts import accounts_file
from hub_config.engine import connect_engine
from hub_config.errors import AccountsError, EngineError
from hub_config.firewall import closed
from hub_config.network import gateway, session_guard
from hub_config.people import Directory
from hub_config.person import AccountRole
from hub_config.routing import PROXY_PROGRAM
from hub_config.services import secret_file
from hub_config.settings import HubSettings
from hub_config.swarm_examination import examine_swarm

__all__ = ["Finding", "examine"]

Verdict = Literal["good", "care", "bad"]

_BRIDGE_FILTER = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
_LEAST_FREE_BYTES = 5 * 1024**3
_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    subject
        What was looked at.
    verdict
        ``good``; ``care``: sound for some uses, and the text says for which; ``bad``: to be mended.
    text
        What was found and, unless it is good, what to do.
    """

    subject: str
    verdict: Verdict
    text: str


def examine(settings: HubSettings) -> Iterator[Finding]:
    """Look at this machine and these settings, changing nothing.

    Parameters
    ----------
    settings
        The hub's settings.

    Yields
    ------
    Finding
        One by one, as they are found.
    """
    yield _proxy()
    yield from _private_files(settings.data_dir)
    yield _room("data folder", settings.data_dir)
    yield _address(settings)
    yield _subdomains(settings)
    yield _people(settings)
    yield _font(GradingSettings().pdf_font)
    try:
        client = connect_engine()
    except EngineError as error:
        verdict: Verdict = "bad" if settings.session in {"docker", "swarm"} else "care"
        yield Finding("Docker engine", verdict, f"{error} Until then sessions are not isolated from one another.")
        return
    with closing(client):
        yield Finding("Docker engine", "good", f"version {client.version()['Version']}")
        if settings.session == "process":
            yield Finding(
                "sessions", "bad", "are local processes, not isolated, though an engine answers: unset SHIXUN_SESSION"
            )
        yield _engine_door(os.environ.get("DOCKER_HOST", ""), os.environ.get("DOCKER_TLS_VERIFY", ""))
        yield _room("Docker's folder", Path(client.info()["DockerRootDir"]))
        yield _image(client, settings)
        yield from _network(client, settings)
        if settings.session == "swarm":
            yield from (Finding(*each) for each in examine_swarm(client, settings))


def _proxy() -> Finding:
    if PROXY_PROGRAM.exists():
        return Finding("proxy", "good", "installed")
    return Finding("proxy", "bad", f"{PROXY_PROGRAM} is missing; run: make start")


def _private_files(data_dir: Path) -> Iterator[Finding]:
    for subject, path, most in (
        ("data folder", data_dir, 0o700),
        ("accounts file", accounts_file(data_dir), 0o600),
        ("grading secret", secret_file(data_dir), 0o600),
    ):
        if not path.exists():
            yield Finding(subject, "good", f"{path}: not there yet; `shixun start` makes it")
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~most:
            yield Finding(subject, "bad", f"{path}: {mode:04o} lets others in; run: chmod {most:o} {path}")
        else:
            yield Finding(subject, "good", f"{path}: {mode:04o}")


def _room(subject: str, path: Path) -> Finding:
    while not path.exists():
        path = path.parent
    free = shutil.disk_usage(path).free
    text = f"{free / 1024**3:.1f} GiB free at {path}"
    if free >= _LEAST_FREE_BYTES:
        return Finding(f"room in {subject}", "good", text)
    return Finding(f"room in {subject}", "care", f"{text}; less than {_LEAST_FREE_BYTES / 1024**3:.0f} GiB: make room")


def _address(settings: HubSettings) -> Finding:
    if settings.address in _HERE:
        return Finding("address", "good", f"{settings.address}: this machine alone")
    return Finding(
        "address",
        "care",
        f"{settings.address}: open to a network, unencrypted; put a web server with a certificate in front of it",
    )


def _subdomains(settings: HubSettings) -> Finding:
    if settings.subdomain_host:
        return Finding("subdomains", "good", f"a subdomain of {settings.subdomain_host} a user")
    return Finding(
        "subdomains",
        "care",
        "JupyterHub does not promise to protect users from scripts in each other's pages under one address. Among "
        "people who do not trust one another set SHIXUN_SUBDOMAIN_HOST",
    )


def _people(settings: HubSettings) -> Finding:
    if settings.identity == "demo":
        if settings.address in _HERE:
            return Finding("people", "good", "the demo school's accounts, on this machine alone")
        return Finding(
            "people",
            "care",
            "the demo school's accounts, open to a network: import a roster and set SHIXUN_IDENTITY=roster or oidc",
        )
    try:
        people = Directory(settings.data_dir, settings.identity).people().values()
    except AccountsError as error:
        return Finding("people", "bad", str(error))
    if not any(person.role is AccountRole.PLATFORM_ADMINISTRATOR for person in people):
        return Finding(
            "people", "care", "no platform administrator: shixun roster import FILE --school platform names one"
        )
    if settings.identity == "oidc" and settings.oidc_issuer.startswith("http:"):
        return Finding("people", "bad", f"{settings.oidc_issuer}: unencrypted, so anybody on the way may be anybody")
    return Finding("people", "good", f"{len(people)} people in the rosters")


def _font(path: Path) -> Finding:
    if path.is_file():
        return Finding("transcripts on paper", "good", str(path))
    return Finding(
        "transcripts on paper",
        "care",
        f"{path} is missing, so that no PDF can be made: apt-get install fonts-noto-cjk, or name another in "
        "SHIXUN_PDF_FONT",
    )


def _engine_door(host: str, verified: str) -> Finding:
    if host.startswith("tcp://") and not verified:
        return Finding("engine's door", "bad", f"DOCKER_HOST={host}: whoever reaches it is root; use a socket or TLS")
    return Finding("engine's door", "good", host or "the local socket")


def _image(client: docker.DockerClient, settings: HubSettings) -> Finding:
    try:
        image = client.images.get(settings.lab_image)
    except ImageNotFound:
        return Finding("lab image", "care", f"{settings.lab_image}: not there yet; run: shixun images build")
    return Finding("lab image", "good", f"{settings.lab_image}: {image.attrs['Size'] / 1e6:.0f} MB")


def _network(client: docker.DockerClient, settings: HubSettings) -> Iterator[Finding]:
    try:
        attributes = client.networks.get(settings.docker_network).attrs
    except NotFound:
        yield Finding("sessions' network", "good", f"{settings.docker_network}: not there yet; `shixun start` makes it")
        return
    try:
        host = gateway(settings.docker_network, attributes)
    except EngineError as error:
        yield Finding("sessions' network", "bad", str(error))
        return
    yield Finding("sessions' network", "good", f"{settings.docker_network}: leads nowhere, keeps containers apart")
    yield _bridge_filter()
    if settings.firewall == "off":
        yield Finding("firewall", "care", "SHIXUN_FIREWALL=off: make sure that another one closes the sessions' bridge")
    elif _checked(lambda: closed(client, settings.lab_image, session_guard(client, settings, host))):
        yield Finding("firewall", "good", "sessions reach the gate and the grading service on this machine, no more")
    else:
        yield Finding(
            "firewall",
            "care",
            "no rules in force: right while the training base is stopped; while it runs, sessions reach every port of "
            "this machine that listens on all addresses: read the hub's log, set SHIXUN_FIREWALL=required",
        )


def _bridge_filter() -> Finding:
    try:
        on = _BRIDGE_FILTER.read_text().strip() == "1"
    except OSError:
        on = False
    if on:
        return Finding("bridge filter", "good", "traffic between containers passes the firewall")
    return Finding(
        "bridge filter", "bad", "containers may reach each other; run: modprobe br_netfilter, and start Docker anew"
    )


def _checked(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except DockerException:
        return False
