"""TLS between hub, proxy and sessions: who may connect to whom, as files, and in a real training base."""

import asyncio
import contextlib
import io
import json
import os
import socket
import ssl
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from certipy.certipy import Certipy
from traitlets.config import Config

from benchmarks.spawning import ask, evaluate, run_cell
from hub_config.internal_tls import SESSION_PATHS, apply_internal_tls, hub_context, session_papers
from hub_config.routing import apply_routing
from hub_config.services import apply_services
from hub_config.settings import HubSettings
from hub_config.spawner import apply_docker_spawner
from labs.session import await_certificates

HERE = "127.0.0.1"
STATUS = "/services/pool/api/status"
SUBMIT = 'import labs; str(labs.open("pcb-bottleneck", language="en").submit({"second_ict": 1}, wait_s=0))'


def _configured(*, tls: bool) -> Config:
    c = Config()
    settings = HubSettings(data_dir="/srv/base", internal_tls=tls)
    apply_docker_spawner(c, settings, "172.18.0.1")
    apply_routing(c, settings)
    apply_internal_tls(c, settings, "172.18.0.1")
    apply_services(c, settings, "docker", "172.18.0.1", {})
    return c


@pytest.mark.parametrize(("tls", "scheme"), [(True, "https"), (False, "http")])
def test_everybody_is_told_to_speak_the_same(tls: Any, scheme: str) -> None:
    c = _configured(tls=tls)
    assert c.JupyterHub.internal_ssl is tls
    assert c.JupyterHub.hub_bind_url == c.JupyterHub.hub_connect_url == f"{scheme}://127.0.0.1:8081"
    assert c.ConfigurableHTTPProxy.api_url == f"{scheme}://127.0.0.1:8001"
    assert c.Spawner.hub_connect_url == f"{scheme}://172.18.0.1:8081"
    services = {each["name"]: each for each in c.JupyterHub.services}
    folder = "/srv/base/hub/tls-172.18.0.1"
    assert (folder in services["session-gate"]["command"]) is tls
    assert (f"--internal-certs-location={folder}" in services["idle-culler"]["command"]) is tls
    assert len(c.DockerSpawner.extra_host_config["mounts"]) == int(tls)


def test_the_hubs_certificate_names_the_address_at_which_sessions_ask() -> None:
    c = _configured(tls=True)
    assert c.JupyterHub.trusted_alt_names == ["IP:172.18.0.1"]
    # A container has no name on this machine.
    assert c.DockerSpawner.use_internal_hostname is False


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Authorities as JupyterHub makes them."""
    folder = tmp_path_factory.mktemp("tls")
    certipy = Certipy(store_dir=str(folder))
    certipy.trust_from_graph(
        {
            "hub-ca": ["hub-ca", "notebooks-ca", "proxy-client-ca"],
            "notebooks-ca": ["hub-ca", "proxy-client-ca"],
            "proxy-client-ca": ["hub-ca", "notebooks-ca"],
        }
    )
    certipy.create_signed_pair("hub-internal", "hub-ca", alt_names=[f"IP:{HERE}"])
    return folder


def _session(store: Path, place: Path, name: str) -> Path:
    papers = session_papers(store, store / "notebooks-ca_trust.crt", name, HERE)
    folder = place / name
    with tarfile.open(fileobj=io.BytesIO(papers)) as archive:
        entries = archive.getmembers()
        assert {entry.mode for entry in entries} == {0o400}
        assert f"/certs/{entries[0].name}" == SESSION_PATHS["cafile"]
        archive.extractall(folder, filter="data")
    return folder


def _context(folder: Path, purpose: ssl.Purpose) -> ssl.SSLContext:
    context = ssl.create_default_context(purpose, cafile=str(folder / "trusted.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / "session.crt", folder / "session.key")
    return context


def _careless(folder: Path) -> ssl.SSLContext:
    """A session's certificate in the hands of who does not mind whom she asks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(folder / "session.crt", folder / "session.key")
    return context


def _meet(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    """Let a client say something to a server; raises the server's SSLError where it does not trust the client."""

    def answer() -> bytes:
        plain, _ = listener.accept()
        with plain, server.wrap_socket(plain, server_side=True) as connection:
            return connection.recv(10)

    with socket.create_server((HERE, 0)) as listener, ThreadPoolExecutor(1) as threads:
        heard = threads.submit(answer)
        # A client who is refused hears so in one of several ways; what counts is what the server says.
        plain = socket.create_connection(listener.getsockname())
        with contextlib.suppress(OSError), plain, client.wrap_socket(plain, server_hostname=HERE) as connection:
            connection.sendall(b"hello")
            connection.unwrap()
        return heard.result()


def test_a_session_knows_the_hub_and_no_other_session(store: Path, tmp_path: Path) -> None:
    anne, bert = (_session(store, tmp_path, name) for name in ("anne", "bert"))
    hub_asks, hub_answers = (hub_context(store, each) for each in (ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH))
    anne_asks, anne_answers = (_context(anne, each) for each in (ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH))
    assert _meet(anne_answers, hub_asks) == b"hello"
    assert _meet(hub_answers, anne_asks) == b"hello"
    with pytest.raises(ssl.SSLError, match="certificate verify failed"):
        _meet(anne_answers, _careless(bert))
    stranger = ssl.create_default_context(cafile=str(anne / "trusted.crt"))
    with pytest.raises(ssl.SSLError, match="peer did not return a certificate"):
        _meet(hub_answers, stranger)


def test_a_session_that_starts_waits_for_its_certificates(store: Path, tmp_path: Path) -> None:
    names = {"KEYFILE": "session.key", "CERTFILE": "session.crt", "CLIENT_CA": "trusted.crt"}
    told = {f"JUPYTERHUB_SSL_{each}": str(tmp_path / "anne" / name) for each, name in names.items()}
    await_certificates({})  # without TLS there are none
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(await_certificates, told)
        assert not waiting.done()
        _session(store, tmp_path, "anne")
        waiting.result(60)


@dataclass(frozen=True)
class _Visitor:
    url: str
    token: str


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("process"),
        pytest.param("cold", marks=pytest.mark.docker),
        pytest.param(
            "warm",
            marks=[
                pytest.mark.docker,
                pytest.mark.skipif(os.geteuid() != 0, reason="a pool mounts users' files, which needs root"),
            ],
        ),
    ],
)
def base(request: Any, training_base: Any, docker_client: Any) -> Iterator[Any]:
    kind = request.param
    base = training_base(
        "process" if kind == "process" else "docker", internal_tls="true", pool_size=str(int(kind == "warm"))
    )
    if kind == "warm":
        visitor = _visitor(base, "platform-administrator")
        _eventually(base, lambda: _waiting(visitor))
    base.start_session("student")
    assert ("Claimed" in base.log()) is (kind == "warm")
    yield base
    assert base.stop() == 0
    labelled = {"label": f"io.shixun.network={base.network}"}
    assert docker_client.containers.list(all=True, filters=labelled, ignore_removed=True) == []


@pytest.fixture
def student(base: Any) -> _Visitor:
    return _visitor(base, "student")


def _visitor(base: Any, role: str) -> _Visitor:
    """What somebody's browser has: the public address, and a token of hers."""
    with base.browse(role) as client:
        answer = client.post(f"/hub/api/users/{base.account(role).name}/tokens", json={}).raise_for_status()
    return _Visitor(base.url, answer.json()["token"])


def _waiting(visitor: _Visitor) -> int:
    """How many containers wait in the pool, as far as the hub has told yet."""
    headers = {"Authorization": f"token {visitor.token}"}
    answer = httpx.get(visitor.url + STATUS, headers=headers, trust_env=False, timeout=60)
    return int(answer.json()["pools"][0]["waiting"]) if answer.status_code == 200 else 0


def _eventually(base: Any, holds: Any) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, base.log()[-4000:]
        time.sleep(0.2)


def _server(base: Any) -> httpx.URL:
    """Where the session's own server listens, as the proxy knows it."""
    with base.browse("platform-administrator") as client:
        routes = client.get("/hub/api/proxy").raise_for_status().json()
    return httpx.URL(routes[f"/user/{base.account('student').name}/"]["target"])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_student_runs_a_cell_and_her_submission_is_scored(base: Any, student: _Visitor) -> None:
    name = base.account("student").name

    async def work() -> None:
        kernel = json.loads(await ask(student, "POST", f"/user/{name}/api/kernels"))["id"]
        channels = f"/user/{name}/api/kernels/{kernel}/channels"
        await run_cell(student, channels)
        await evaluate(student, channels, SUBMIT)

    asyncio.run(work())
    headers = {"Authorization": f"token {student.token}"}
    outcomes = f"{base.url}/services/grading/api/v1/outcomes"
    _eventually(
        base,
        lambda: (
            httpx.get(outcomes, headers=headers, trust_env=False, timeout=60).raise_for_status().json()["total"] == 1
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sessions_port_is_closed_to_who_has_no_certificate(base: Any) -> None:
    server = _server(base)
    address = f"{server.host}:{server.port}/user/{base.account('student').name}/api"
    assert server.scheme == "https"
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{address}", trust_env=False, timeout=60)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"https://{address}", trust_env=False, verify=False, timeout=60)  # noqa: S501 it is the server who asks
    (folder,) = (base.data_dir / "hub").glob("tls-*")
    own = hub_context(folder, ssl.Purpose.SERVER_AUTH)
    assert httpx.get(f"https://{address}", trust_env=False, verify=own, timeout=60).status_code == 200
