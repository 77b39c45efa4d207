"""Kill -9 of workers, service, Redis and PostgreSQL while submissions stream in: none is lost, none is doubled.

``SHIXUN_FAULT_SUBMISSIONS`` says how many there are: few by default, 2,000 before a release.
"""

from __future__ import annotations

import os
import pwd
import random
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from grading.database import Database
from grading.outcomes import Outcomes
from grading.tables import submissions
from hub_config.ports import find_free_ports
from tests.conftest import postgres_programs
from tests.grading.conftest import PREFIX, SECRET, HubPeer, bearing, hub, scopes_of, until, write_lab

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hub"]  # a fixture

pytestmark = [pytest.mark.fault, pytest.mark.postgres, pytest.mark.timeout(1800)]

NUMBER = int(os.environ.get("SHIXUN_FAULT_SUBMISSIONS", "60"))


class Program:
    """A process that is killed and started again."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path, **options: Any) -> None:
        self.command, self.environment, self.log, self.options = command, environment, log, options
        self.process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log, **self.options)

    def kill(self) -> None:
        if self.process is not None:
            self.kills += self.process.poll() is None
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def revive(self) -> None:
        """Start it again where it could not stay, such as PostgreSQL beside the last children of the killed one."""
        if self.process is not None and self.process.poll() is not None:
            self.start()


class Base:
    """A whole grading service on its own PostgreSQL and Redis, every part of it mortal."""

    def __init__(self, folder: Path, peer: HubPeer) -> None:
        write_lab(folder / "catalog" / "small-line")
        secret = folder / "grading.secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        self.peer = peer
        programs = postgres_programs()
        assert programs is not None
        user = "postgres" if os.geteuid() == 0 else None
        self.home = Path("/var/tmp") / f"shixun-faults-{secrets.token_hex(4)}"  # noqa: S108
        self.home.mkdir(mode=0o700)
        if user:
            account = pwd.getpwnam(user)
            os.chown(self.home, account.pw_uid, account.pw_gid)
        initdb = [
            programs / "initdb",
            "-D",
            self.home / "data",
            "-U",
            "shixun",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run(initdb, user=user, cwd=self.home, check=True, capture_output=True)
        server = [str(programs / "postgres"), "-D", str(self.home / "data"), "-k", str(self.home)]
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("SHIXUN_", "JUPYTERHUB_"))}
        self.postgres = Program(
            [*server, "-c", "listen_addresses="], plain, folder / "postgres.log", user=user, cwd=self.home
        )
        self.url = f"postgresql+psycopg://shixun@/postgres?host={self.home}"
        socket = folder / "redis.sock"
        redis = str(shutil.which("redis-server"))
        self.redis = Program(
            [redis, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)],
            plain,
            folder / "redis.log",
        )
        (port,) = find_free_ports(1)
        self.address = f"http://127.0.0.1:{port}{PREFIX}"
        environment = {
            **plain,
            "SHIXUN_DATA_DIR": str(folder),
            "SHIXUN_DATABASE_URL": self.url,
            "SHIXUN_REDIS_URL": f"unix://{socket}",
            "SHIXUN_GRADING_CATALOG": str(folder / "catalog"),
            "SHIXUN_GRADING_LEASE_S": "2",
            "SHIXUN_GRADING_WAITING_LIMIT": "100000",
            "SHIXUN_GRADING_REQUESTS_PER_MINUTE": "10000000",
            "JUPYTERHUB_API_TOKEN": "service-token",
            "JUPYTERHUB_API_URL": peer.url,
            "JUPYTERHUB_SERVICE_PREFIX": f"{PREFIX}/",
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
        }
        self.service = Program([sys.executable, "-m", "grading"], environment, folder / "service.log")
        self.workers = [
            Program([sys.executable, "-m", "grading.worker"], environment, folder / f"worker{number}.log")
            for number in range(2)
        ]

    @property
    def programs(self) -> list[Program]:
        return [self.postgres, self.redis, self.service, *self.workers]

    def start(self) -> None:
        self.postgres.start()
        until(self.database_answers)
        for program in self.programs[1:]:
            program.start()
        until(self.ready, 120)

    def database_answers(self) -> bool:
        self.postgres.revive()
        engine = sa.create_engine(self.url)
        try:
            with engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.OperationalError:
            time.sleep(0.1)
            return False
        finally:
            engine.dispose()
        return True

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def close(self) -> None:
        for program in reversed(self.programs):
            program.kill()
        shutil.rmtree(self.home)


@pytest.fixture
def base(tmp_path: Path, hub: HubPeer) -> Iterator[Base]:
    made = Base(tmp_path, hub)
    try:
        made.start()
        yield made
    finally:
        made.close()


def hand_in(base: Base, token: str, number: int) -> UUID:
    """Hand a decision in as a notebook does: again and again with the same key, until it is accepted."""
    body = {"lab": "small-line", "decision": {"second_weld": number % 3}}
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            headers = bearing(token, **{"Idempotency-Key": f"key-{number}"})
            answer = httpx.post(f"{base.address}/api/v1/submissions", json=body, headers=headers, timeout=10)
            if answer.status_code == 202:
                return UUID(answer.json()["id"])
            assert answer.status_code >= 500, answer.text
        base.postgres.revive()
        time.sleep(0.1)
    message = f"submission {number} was never accepted"
    raise AssertionError(message)


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_doubled(base: Base) -> None:
    tokens = [base.peer.token(f"learner-{number}", *scopes_of(f"learner-{number}")) for number in range(5)]
    victims = [base.workers[0], base.service, base.redis, base.workers[1], base.postgres] * max(1, NUMBER // 200)
    draw = random.Random(7)  # noqa: S311 - which moments, not which secrets
    moments = sorted(draw.sample(range(5, NUMBER - 5), len(victims)))
    accepted = []
    for number in range(NUMBER):
        if moments and number >= moments[0]:
            moments.pop(0)
            victims.pop(0).restart()
        accepted.append(hand_in(base, tokens[number % 5], number))
    until(base.database_answers)
    assert all(program.kills for program in base.programs)
    database = Database(base.url)
    try:
        undone = sa.select(sa.func.count()).select_from(submissions).where(submissions.c.state != "graded")

        def done() -> bool:
            with database.reading() as connection:
                return connection.execute(undone).scalar_one() == 0

        until(done, 60 + NUMBER)
        assert len(set(accepted)) == NUMBER
        outcomes = Outcomes(database).page(learners=None, limit=NUMBER + 1)
        assert outcomes.total == NUMBER
        assert {outcome.submission_id for outcome in outcomes.items} == set(accepted)
        assert Outcomes(database).breaks() == []
    finally:
        database.close()
