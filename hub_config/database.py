"""How the hub's own database is written."""

import sqlite3
from typing import Any

from sqlalchemy import Engine, event

__all__ = ["write_ahead"]


def write_ahead() -> None:
    """Have SQLite append what the hub commits to a log, without waiting for the disk each time.

    A session's start commits fifteen times, and while the disk works the hub answers nobody. What a power cut may lose
    are the last moments of sessions that it has ended as well; the database stays whole.

    Source: https://www.sqlite.org/wal.html
    """
    if not event.contains(Engine, "connect", _set_up):
        event.listen(Engine, "connect", _set_up)


def _set_up(connection: Any, _: object) -> None:  # noqa: ANN401 any database's
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
