"""A grading service that really runs: uvicorn, a database, a catalogue of small labs, and a peer for the hub."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
import yaml

from grading.app import create_app, create_service
from grading.assessment import Assessment
from grading.database import Database
from grading.settings import GradingSettings, HubConnection
from hub_config.ports import find_free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grading.service import Service
    from grading.submissions import Submission

PREFIX = "/services/grading"
SECRET = "5a" * 32
SERVICE_TOKEN = "service-token"  # noqa: S105
DIGEST = "d" * 64

SCENARIO = {
    "kind": "production_line",
    "horizon_s": 7200,
    "warm_up_s": 600,
    "release": {"kind": "saturated"},
    "stations": [
        {"name": "cut", "service": {"kind": "exponential", "mean_s": 30}},
        {"name": "weld", "buffer_places": 1, "service": {"kind": "exponential", "mean_s": 40}},
    ],
}
LAB = {
    "version": "1.0.0",
    "title": {"zh": "<b>小</b>产线", "en": "<b>Small</b> line"},
    "summary": {"zh": "两台机器。", "en": "Two machines & a buffer."},
    "occupation": {"zh": "操作工", "en": "Operator"},
    "hours_h": 1,
    "budget": {"limit": 10, "unit": {"zh": "万元", "en": "× CNY 10,000"}},
    "levers": [
        {
            "name": "second_weld",
            "label": {"zh": "第二台焊机", "en": "A second welder"},
            "target": "stations.weld.machines",
            "operation": "add",
            "amount": 1,
            "maximum": 3,
            "cost": 4,
        }
    ],
    "highlights": ["throughput_per_h"],
}
FEEDBACK = {name: {"zh": f"反馈 {name} <i>", "en": f"feedback {name} <i>"} for name in ("below", "passed", "full")}
RUBRIC = {
    "replications": 4,
    "criteria": [
        {
            "name": "throughput",
            "label": {"zh": "产量", "en": "Throughput"},
            "kpi": "throughput_per_h",
            "direction": "higher",
            "pass_at": 70,
            "full_at": 110,
            "points": 100,
            "feedback": FEEDBACK,
        }
    ],
}


def write_lab(folder: Path, *, scenario: dict[str, Any] | None = None, rubric: dict[str, Any] | None = None) -> None:
    """Write a lab as data."""
    folder.mkdir(parents=True)
    for name, content in (("lab", LAB), ("scenario", scenario or SCENARIO), ("rubric", rubric or RUBRIC)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalogue: a small lab, one that takes very long, and one whose rubric asks for what is not measured."""
    root = tmp_path / "catalog"
    write_lab(root / "small-line")
    write_lab(root / "endless-line", scenario={**SCENARIO, "horizon_s": 1e9})
    wrong = {**RUBRIC, "criteria": [{**RUBRIC["criteria"][0], "kpi": "no_such_kpi"}]}
    write_lab(root / "crashing-line", rubric=wrong)
    return root


@dataclass
class HubPeer:
    """What of JupyterHub's API this service meets: tokens, groups, OAuth codes."""

    url: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    exchanged: list[dict[str, str]] = field(default_factory=list)
    down: bool = False

    def token(self, name: str, *scopes: str, kind: str = "user") -> str:
        token = uuid4().hex
        self.users[token] = {"kind": kind, "name": name, "groups": [], "scopes": sorted(scopes)}
        return token

    def answer(self, path: str, token: str) -> tuple[int, Any]:
        if self.down:
            return 500, {}
        if path == "/hub/api/":
            return 200, {"version": "6"}
        if path == "/hub/api/user":
            return (200, self.users[token]) if token in self.users else (403, {"message": "Missing or invalid"})
        if token != SERVICE_TOKEN:
            return 403, {"message": "only the service may ask this"}
        if path == "/hub/api/groups":
            return 200, [{"kind": "group", "name": name, "users": users} for name, users in self.groups.items()]
        if path.startswith("/hub/api/users/"):
            user = path.removeprefix("/hub/api/users/")
            groups = [name for name, users in self.groups.items() if user in users]
            return 200, {"kind": "user", "name": user, "groups": groups}
        name = path.removeprefix("/hub/api/groups/")
        return (200, {"kind": "group", "name": name, "users": self.groups[name]}) if name in self.groups else (404, {})

    def exchange(self, form: dict[str, str]) -> tuple[int, Any]:
        self.exchanged.append(form)
        token, secret = self.codes.get(form["code"], ("", ""))
        if not token or form["client_secret"] != secret:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": token, "token_type": "Bearer"}


@pytest.fixture
def hub() -> Iterator[HubPeer]:
    peer = HubPeer(groups={"demo-class": ["li", "wang"], "other-class": ["zhou"]})

    class Handler(BaseHTTPRequestHandler):
        def _send(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            peer.asked.append(self.path)
            self._send(*peer.answer(self.path, self.headers.get("Authorization", "").removeprefix("token ")))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*peer.exchange({name: values[0] for name, values in parse_qs(body).items()}))

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.url = f"http://127.0.0.1:{server.server_port}/hub/api"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield peer
    server.shutdown()
    thread.join()
    server.server_close()


def scopes_of(name: str) -> tuple[str, ...]:
    return ("access:services!service=grading", f"custom:grading:submit!user={name}", f"custom:grading:read!user={name}")


@dataclass(frozen=True)
class Tokens:
    """One token a role."""

    li: str
    wang: str
    zhou: str
    instructor: str
    administrator: str
    powerless: str
    machine: str


@pytest.fixture
def tokens(hub: HubPeer) -> Tokens:
    return Tokens(
        li=hub.token("li", *scopes_of("li")),
        wang=hub.token("wang", *scopes_of("wang")),
        zhou=hub.token("zhou", *scopes_of("zhou")),
        instructor=hub.token(
            "chen", *scopes_of("chen"), "custom:grading:read!group=demo-class", "custom:grading:manage!group=demo-class"
        ),
        administrator=hub.token("root", "custom:grading:submit", "custom:grading:read", "custom:grading:manage"),
        powerless=hub.token("guest", "access:services!service=grading"),
        machine=hub.token("robot", "custom:grading:submit", "custom:grading:read", kind="service"),
    )


@pytest.fixture
def settings(tmp_path: Path, catalog: Path, migrated_sqlite: Path) -> GradingSettings:
    shutil.copy(migrated_sqlite, tmp_path / "grading.sqlite3")
    secret = tmp_path / "grading.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    return GradingSettings(data_dir=tmp_path, grading_catalog=catalog, grading_lease_s=2, policy_sandbox="bubblewrap")


@pytest.fixture
def connection(hub: HubPeer) -> HubConnection:
    return HubConnection(
        api_token=SERVICE_TOKEN,
        api_url=hub.url,
        base_url="/",
        service_prefix=f"{PREFIX}/",
        service_url=f"http://127.0.0.1:{find_free_ports(1)[0]}",
        client_id="service-grading",
        oauth_callback_url=f"{PREFIX}/oauth_callback",
    )


@pytest.fixture
def service(settings: GradingSettings, connection: HubConnection) -> Iterator[Service]:
    made = create_service(settings, connection)
    yield made
    made.close()


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve until the block ends; gives the address of the service."""
    host, port = service.connection.address
    server = uvicorn.Server(uvicorn.Config(create_app(service), host=host, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://{host}:{port}{PREFIX}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    with serving(service) as url:
        yield url


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    """A client of the running service that follows no redirect and keeps no cookie unasked."""
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


def bearing(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"token {token}", **more}


def submit(
    http: httpx.Client, token: str, *, key: str = "key-1", lab: str = "small-line", decision: Any = None
) -> httpx.Response:
    body = {"lab": lab, "decision": {"second_weld": 1} if decision is None else decision}
    return http.post("/api/v1/submissions", json=body, headers=bearing(token, **{"Idempotency-Key": key}))


def until(condition: Callable[[], Any], seconds: float = 60, pause_s: float = 0.02) -> Any:
    """Wait until something is so, and return it; the test ends in an error when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause_s)
    return found


@contextmanager
def fresh_postgresql(server_url: str, template: str = "template1") -> Iterator[str]:
    """Make a database of its own on a PostgreSQL server, like another one; gives its address."""
    server = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"grading_{uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, of each kind that is supported."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
        return
    with fresh_postgresql(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and no rows, to be copied: migrating each test's own would take most of the time."""
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite3"
    made = Database(f"sqlite:///{path}")
    made.upgrade()
    made.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgres_url: str) -> Iterator[str]:
    """The name of such a database on the PostgreSQL server."""
    with fresh_postgresql(postgres_url) as url:
        made = Database(url)
        made.upgrade()
        made.close()
        yield str(sa.make_url(url).database)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with its tables, of each kind that is supported."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            path = tmp_path / "store.sqlite3"
            shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
            url = f"sqlite:///{path}"
        else:
            template = request.getfixturevalue("migrated_postgresql")
            url = stack.enter_context(fresh_postgresql(request.getfixturevalue("postgres_url"), template))
        made = Database(url)
        stack.callback(made.close)
        yield made


def judged(points: float = 60.0) -> Assessment:
    """An assessment as the sandbox gives it."""
    text = {"zh": "好", "en": "good"}
    return Assessment(
        lab_version="1.0.0",
        lab_digest=DIGEST,
        engine_version="simpy/0.1.0",
        rubric_digest="e" * 64,
        seed_commitment="f" * 64,
        replications=4,
        decision={"second_weld": 1},
        estimates={"throughput_per_h": {"mean": 80.125, "half_width_95": None, "unit": "1/h"}},
        points=points,
        maximum=100.0,
        half_width_95=2.5,
        criteria=[
            {
                "name": "throughput",
                "label": text,
                "kpi": "throughput_per_h",
                "value": 80.125,
                "half_width_95": None,
                "unit": "1/h",
                "pass_at": 70.0,
                "full_at": 110.0,
                "direction": "higher",
                "credit": points / 100,
                "points": points,
                "maximum": 100.0,
                "feedback": text,
            }
        ],
    )


def stored(database: Database, learner: str = "li", key: str = "key-1", lab: str = "small-line") -> Submission:
    """Put a submission into the store."""
    from grading.submissions import Submissions

    return Submissions(database).add(
        learner=learner, lab=lab, lab_version="1.0.0", lab_digest=DIGEST, decision={"second_weld": 1}, key=key
    )


def graded(database: Database, learner: str = "li", points: float = 60.0, lab: str = "small-line") -> Any:
    """Put a graded submission into the store."""
    from grading.leases import Leases
    from grading.outcomes import Outcomes

    stored(database, learner, uuid4().hex, lab)
    claim = Leases(database).claim("test", 60)
    assert claim is not None
    return Outcomes(database).record(claim, judged(points))


@pytest.fixture
def environment(settings: GradingSettings, connection: HubConnection) -> dict[str, str]:
    """What JupyterHub gives a service that it starts."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SHIXUN_", "JUPYTERHUB_"))},
        "SHIXUN_DATA_DIR": str(settings.data_dir),
        "SHIXUN_GRADING_CATALOG": str(settings.catalog),
        "SHIXUN_GRADING_LEASE_S": str(settings.grading_lease_s),
        "JUPYTERHUB_API_TOKEN": connection.api_token,
        "JUPYTERHUB_API_URL": connection.api_url,
        "JUPYTERHUB_SERVICE_PREFIX": connection.service_prefix,
        "JUPYTERHUB_SERVICE_URL": connection.service_url,
    }


@pytest.fixture
def process(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start ``python -m`` a module as JupyterHub would; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, **more: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"{module}.{len(started)}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", module], env={**environment, **more}, stdout=log, stderr=subprocess.STDOUT
                )
            )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """A database of PostgreSQL, for what only it has."""
    with fresh_postgresql(postgres_url) as url:
        made = Database(url)
        made.upgrade()
        yield made
        made.close()
