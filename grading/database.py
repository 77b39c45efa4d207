"""The database: one engine, reading and writing transactions, migrations at start."""

from __future__ import annotations

import fcntl
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Database"]

_BUSY_TIMEOUT_MS = 30_000
_MIGRATION_LOCK = 0x53484958  # any constant that every process of ours agrees on ("SHIX")


def _configure_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no type
        # Python's driver would begin transactions by itself, and too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes the write lock first: a read that turns into a write cannot wait, only fail.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """Transactions on SQLite or PostgreSQL.

    Parameters
    ----------
    url
        SQLAlchemy address, ``sqlite:///…`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        if self.sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(parsed, pool_pre_ping=not self.sqlite)
        self._threads = threading.Lock()
        self._queue: Path | None = None
        if self.sqlite:
            _configure_sqlite(self.engine)
            if parsed.database:
                self._queue = Path(f"{parsed.database}-queue")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a transaction that reads the database as it is at one moment, whoever writes meanwhile."""
        with self.engine.connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction that writes; it is on disk when the block has ended."""
        with self._turn(), self.engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one writer after the other go on, in their order, where the database does not see to that itself.

        SQLite lets a writer that finds another one sleep and try again, up to a tenth of a second each time, and who
        comes later may come first: answers would take seconds under load. A lock of the operating system wakes the
        next one at once, and falls with its process.
        """
        if self._queue is None:
            yield
            return
        with self._threads, self._queue.open("a") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            yield

    def lock(self, connection: sa.Connection, name: str) -> None:
        """Let one transaction after the other go on from here, by a name; on SQLite there is one writer anyway."""
        if not self.sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))

    def upgrade(self) -> None:
        """Bring the tables to the newest version; processes that start together take turns."""
        self._migrate(command.upgrade, "head")

    def downgrade(self, revision: str) -> None:
        """Bring the tables back to an older version.

        Raises
        ------
        RuntimeError
            Where they hold what that version cannot.
        """
        self._migrate(command.downgrade, revision)

    def _migrate(self, move: Callable[[Config, str], None], revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        with self.writing() as connection:
            # On SQLite the writing transaction itself is the lock.
            if not self.sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            move(config, revision)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()
