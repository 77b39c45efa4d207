"""How fast decisions and policies are graded, end to end, beside nbgrader in the same run.

The service and two workers run as processes of their own; decisions come in over HTTP, and are done when their outcome
is committed. No two are alike, so none is answered from a stored study.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import yaml

from benchmarks.nbgrader_peer import autograde_s
from grading.database import Database
from grading.submissions import Submissions
from grading.tables import outcomes, submissions
from hub_config.ports import find_free_ports
from labs import CATALOG, Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["measure"]

_PREFIX = "/services/grading/"
_CLIENTS = 4
_WORKERS = 2  # one a core
_PAIR = {"zh": "测", "en": "m"}
_FEEDBACK = dict.fromkeys(("below", "passed", "full"), _PAIR)

# Like the peer's assignment: M/M/1 with 2,000 customers, three checks.
_MM1 = {
    "kind": "production_line",
    "horizon_s": 120_000,
    "release": {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 60}},
    "stations": [{"name": "server", "buffer_places": None, "service": {"kind": "exponential", "mean_s": 45}}],
}


def _lever(name: str, target: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": _PAIR,
        "target": target,
        "operation": "multiply",
        "amount": 0.9999,
        "maximum": 1000,
        "cost": 0,
    }


def _criterion(name: str, kpi: str, direction: str, pass_at: float, full_at: float) -> dict[str, Any]:
    return {
        "name": name,
        "label": _PAIR,
        "kpi": kpi,
        "direction": direction,
        "pass_at": pass_at,
        "full_at": full_at,
        "points": 30,
        "feedback": _FEEDBACK,
    }


def _catalog(root: Path) -> None:
    lab = {
        "version": "1.0.0",
        "title": _PAIR,
        "summary": _PAIR,
        "occupation": _PAIR,
        "hours_h": 1,
        "budget": {"limit": 1, "unit": _PAIR},
        "levers": [
            _lever("service", "stations.server.service.mean_s"),
            _lever("arrivals", "release.interval.mean_s"),
        ],
        "highlights": ["throughput_per_h"],
    }
    rubric = {
        "replications": 2,
        "criteria": [
            _criterion("throughput", "throughput_per_h", "higher", 50, 60),
            _criterion("lead_time", "lead_time_mean_s", "lower", 300, 100),
            _criterion("wip", "wip_mean", "lower", 5, 1),
        ],
    }
    policy = {**lab, "policies": [{"point": "release", "label": _PAIR}]}
    few = {**_MM1, "horizon_s": 12_000}
    for slug, files in {
        "mm1": {"lab": lab, "scenario": _MM1, "rubric": rubric},
        "mm1-policy": {"lab": policy, "scenario": few, "rubric": rubric},
    }.items():
        folder = root / slug
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    shutil.copytree(CATALOG / "pcb-bottleneck", root / "pcb-bottleneck")


class _Hub(BaseHTTPRequestHandler):
    """Answers as JupyterHub does whose token it is: a token names its user."""

    def do_GET(self) -> None:
        """Answer."""
        token = self.headers.get("Authorization", "").removeprefix("token ")
        scopes = ["custom:grading:submit", "custom:grading:read"]
        body = json.dumps({"kind": "user", "name": token, "groups": [], "scopes": scopes}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class _Base:
    """A running service."""

    port: int
    database: Database
    catalog: Path

    def post(self, lab: str, decisions: list[dict[str, Any]], rate: float | None = None) -> list[float]:
        """Hand decisions in, at a rate a second if one is given; return how long each answer took, in seconds."""
        began = time.perf_counter()

        def work(client: int) -> list[float]:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            taken = []
            for number in range(client, len(decisions), _CLIENTS):
                if rate:
                    time.sleep(max(0.0, began + number / rate - time.perf_counter()))
                body = json.dumps({"lab": lab, "decision": decisions[number]})
                headers = {
                    "Authorization": f"token learner-{number % 50}",
                    "Idempotency-Key": secrets.token_hex(8),
                    "Content-Type": "application/json",
                }
                sent = time.perf_counter()
                connection.request("POST", f"{_PREFIX}api/v1/submissions", body, headers)
                answer = connection.getresponse()
                content = answer.read()
                taken.append(time.perf_counter() - sent)
                if answer.status != http.client.ACCEPTED:
                    message = f"the service answered {answer.status}: {content[:500]!r}"
                    raise RuntimeError(message)
            connection.close()
            return taken

        with ThreadPoolExecutor(_CLIENTS) as pool:
            return [one for taken in pool.map(work, range(_CLIENTS)) for one in taken]

    def graded(self, lab: str) -> int:
        """Return how many outcomes a lab has."""
        with self.database.reading() as connection:
            count = sa.select(sa.func.count()).select_from(outcomes).where(outcomes.c.lab == lab)
            return int(connection.execute(count).scalar_one())

    def await_graded(self, lab: str, number: int, limit_s: float) -> None:
        """Wait until so many are graded."""
        until = time.monotonic() + limit_s
        while self.graded(lab) < number:
            if time.monotonic() > until:
                message = f"{self.graded(lab)} of {number} decisions of {lab} were graded within {limit_s:g} s"
                raise TimeoutError(message)
            time.sleep(0.1)

    def span_s(self, lab: str) -> float:
        """Return the seconds from the first to the last outcome of a lab."""
        times = sa.select(sa.func.min(outcomes.c.recorded_at), sa.func.max(outcomes.c.recorded_at))
        with self.database.reading() as connection:
            first, last = connection.execute(times.where(outcomes.c.lab == lab)).one()
        return float((last - first).total_seconds())


@contextmanager
def _running(folder: Path, database_url: str | None) -> Iterator[_Base]:
    catalog = folder / "catalog"
    _catalog(catalog)
    secret = folder / "grading.secret"
    secret.write_text(secrets.token_hex(32))
    secret.chmod(0o600)
    hub = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    (port,) = find_free_ports(1)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SHIXUN_", "JUPYTERHUB_"))},
        "SHIXUN_DATA_DIR": str(folder),
        "SHIXUN_GRADING_CATALOG": str(catalog),
        "SHIXUN_GRADING_WAITING_LIMIT": "100000",
        "SHIXUN_GRADING_REQUESTS_PER_MINUTE": "10000000",
        "SHIXUN_POLICY_SANDBOX": "bubblewrap",
        "JUPYTERHUB_API_TOKEN": "service",
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.server_port}/hub/api",
        "JUPYTERHUB_SERVICE_PREFIX": _PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
        **({"SHIXUN_DATABASE_URL": database_url} if database_url else {}),
    }
    database = Database(database_url or f"sqlite:///{folder / 'grading.sqlite3'}")
    database.upgrade()
    processes = []
    try:
        for number, module in enumerate(("grading", *["grading.worker"] * _WORKERS)):
            with (folder / f"{module}.{number}.log").open("wb") as log:
                processes.append(
                    subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=log, stderr=log)  # noqa: S603
                )
        _await_service(port, folder)
        yield _Base(port, database, catalog)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)
        database.close()
        hub.shutdown()
        hub.server_close()


def _await_service(port: int, folder: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", f"{_PREFIX}healthz")
            connection.getresponse().read()
        except OSError:
            if time.monotonic() > until:
                raise RuntimeError((folder / "grading.0.log").read_text(errors="replace")[-2000:]) from None
            time.sleep(0.05)
        else:
            connection.close()
            return


def _unlike(count: int, first: int) -> list[dict[str, Any]]:
    return [{"service": number // 1000, "arrivals": number % 1000} for number in range(first, first + count)]


def measure(
    say: Callable[[str], None],
    seconds: int = 60,
    queued: int = 3000,
    peers: int = 5,
    database_url: str | None = None,
) -> dict[str, Any]:
    """Grade an M/M/1 assignment end to end, then the PCB lab and policies, and the same assignment with nbgrader.

    Parameters
    ----------
    say
        Told what is being timed.
    seconds
        How long decisions come in, 60 a second, beside those that wait already.
    queued
        Decisions that wait when it begins.
    peers
        Notebooks that nbgrader grades.
    database_url
        Database; by default SQLite in a temporary folder.

    Returns
    -------
    ``decisions_per_s``, ``policies_per_s``, ``pcb_decisions_per_s``, ``post_p99_ms``, ``lost``, ``doubled``,
    ``nbgrader_per_s`` and ``ratio_to_nbgrader``.
    """
    with TemporaryDirectory(prefix="shixun-bench-") as name, _running(Path(name), database_url) as base:
        say("warming up")
        base.post("mm1", _unlike(8, 900_000))
        base.await_graded("mm1", 8, 120)
        say(f"M/M/1: {queued} wait, more come in for {seconds} s")
        lab = Catalog(base.catalog).lab("mm1")
        store = Submissions(base.database)
        for number, decision in enumerate(_unlike(queued, 0)):
            store.add(
                learner=f"learner-{number % 50}",
                lab="mm1",
                lab_version=lab.version,
                lab_digest=lab.digest,
                decision=decision,
                key=f"queued-{number}",
            )
        before, began = base.graded("mm1"), time.perf_counter()
        taken = base.post("mm1", _unlike(60 * seconds, queued), rate=60)
        total = 8 + queued + len(taken)
        base.await_graded("mm1", total, 60 + total / 10)
        decisions_per_s = (total - before) / (time.perf_counter() - began)
        pcb = _pcb(base, say)
        policies = _policies(base, say)
        lost, doubled = _lost_and_doubled(base)
    say("nbgrader autograde")
    peer_s = autograde_s(peers)
    return {
        "decisions_per_s": decisions_per_s,
        "pcb_decisions_per_s": pcb,
        "policies_per_s": policies,
        "post_median_ms": 1000 * statistics.median(taken),
        "post_p99_ms": 1000 * statistics.quantiles(taken, n=100)[98],
        "posts": len(taken),
        "graded": total,
        "lost": lost,
        "doubled": doubled,
        "nbgrader_per_s": 1 / peer_s,
        "ratio_to_nbgrader": decisions_per_s * peer_s,
    }


def _pcb(base: _Base, say: Callable[[str], None], count: int = 60) -> float:
    say("the PCB lab at its published tolerance")
    decisions = [{"buffer_placement": n % 13, "buffer_odd_form": n // 13 % 13} for n in range(count)]
    base.post("pcb-bottleneck", decisions)
    base.await_graded("pcb-bottleneck", count, 600)
    return (count - 1) / base.span_s("pcb-bottleneck")


def _policies(base: _Base, say: Callable[[str], None], count: int = 30) -> float:
    say("policies")
    source = "def release(waiting, line, now_s):\n    return 0 if line.wip < {bound} else None\n"
    decisions = [{"policy": source.format(bound=bound)} for bound in range(5, 5 + count)]
    base.post("mm1-policy", decisions)
    base.await_graded("mm1-policy", count, 600)
    return (count - 1) / base.span_s("mm1-policy")


def _lost_and_doubled(base: _Base) -> tuple[int, int]:
    with base.database.reading() as connection:
        counts = connection.execute(
            sa.select(submissions.c.id, sa.func.count(outcomes.c.id))
            .outerjoin(outcomes, outcomes.c.submission_id == submissions.c.id)
            .group_by(submissions.c.id)
        ).all()
    return sum(count == 0 for _, count in counts), sum(count > 1 for _, count in counts)
