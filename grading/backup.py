"""Backups: every table as lines of JSON in one archive, taken while the service runs, restored into either database.

The archive is a gzipped tar: ``manifest.json``, one ``tables/<name>.jsonl`` a table, and the files that belong to the
data, such as the secret of the held-out seeds. Keep it as private as the secret.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from grading.errors import GradingError
from grading.outcomes import Outcomes
from grading.tables import UtcDateTime, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from grading.database import Database

__all__ = ["BackupError", "back_up", "restore"]

_FORMAT = 1
_ROWS = 1000


class BackupError(GradingError):
    """A backup cannot be made or restored."""


def back_up(database: Database, files: Mapping[str, Path], target: Path) -> dict[str, int]:
    """Write a backup of one moment, readable by its owner alone.

    Parameters
    ----------
    database
        May be in use.
    files
        Files to take along, by the name they get; missing ones are left out.
    target
        File to write; it must not exist.

    Returns
    -------
    Number of rows of every table.

    Raises
    ------
    BackupError
        Where the target exists.
    """
    if target.exists():
        message = f"{target} exists; name a new file"
        raise BackupError(message)
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    with TemporaryDirectory(prefix="shixun-backup-", dir=target.parent) as folder, database.snapshot() as connection:
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        part = Path(folder) / "backup"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
            for table in metadata.sorted_tables:
                path = Path(folder) / "rows"
                counts[table.name], digests[table.name] = _dump(connection, table, path)
                archive.add(path, f"tables/{table.name}.jsonl")
            for name, file in files.items():
                if file.exists():
                    archive.add(file, f"files/{name}")
            manifest = {
                "format": _FORMAT,
                "revision": revision,
                "made_at": datetime.now(UTC).isoformat(),
                "rows": counts,
                "sha256": digests,
            }
            content = json.dumps(manifest, indent=2).encode()
            head = tarfile.TarInfo("manifest.json")
            head.size = len(content)
            archive.addfile(head, io.BytesIO(content))
            archive.close()
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(target)
    return counts


def _dump(connection: sa.Connection, table: sa.Table, path: Path) -> tuple[int, str]:
    order = [table.c.learner, table.c.seq] if table.name == "outcomes" else list(table.primary_key.columns)
    sha, count = hashlib.sha256(), 0
    with path.open("wb") as lines:
        for row in connection.execute(sa.select(table).order_by(*order).execution_options(yield_per=_ROWS)):
            line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
            sha.update(line)
            lines.write(line)
            count += 1
    return count, sha.hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _reader(column: sa.Column[Any]) -> Callable[[Any], Any]:
    kinds: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (UtcDateTime, datetime.fromisoformat),
        (sa.Uuid, UUID),
        (sa.LargeBinary, base64.b64decode),
    )
    convert = next((convert for kind, convert in kinds if isinstance(column.type, kind)), None)
    return lambda value: value if value is None or convert is None else convert(value)


def restore(database: Database, source: Path, files: Mapping[str, Path]) -> dict[str, int]:
    """Fill an empty database from a backup and check the ledger.

    Parameters
    ----------
    database
        Without any row.
    source
        The backup.
    files
        Where the files go, by their names; one that exists is not overwritten but must be the same.

    Returns
    -------
    Number of rows of every table.

    Raises
    ------
    BackupError
        Where the database is not empty, the backup is damaged or of another version, a file differs, or a chain of
        outcomes does not hold; nothing is restored then.
    """
    database.upgrade()
    try:
        with tarfile.open(source, "r:gz") as archive:
            manifest = json.loads(_member(archive, "manifest.json").read())
            _check(database, manifest)
            contents = {
                name: _member(archive, f"files/{name}").read()
                for name in files
                if f"files/{name}" in archive.getnames()
            }
            for name, content in contents.items():
                if files[name].exists() and files[name].read_bytes() != content:
                    message = f"{files[name]} exists and differs from the backup's; move it away first"
                    raise BackupError(message)
            with database.writing() as connection:
                for table in metadata.sorted_tables:
                    _load(connection, table, _member(archive, f"tables/{table.name}.jsonl"), manifest)
                if found := Outcomes(database).breaks(connection):
                    message = f"the ledger does not hold: {found[0].learner}, {found[0].reason}"
                    raise BackupError(message)
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        message = f"{source} is no backup, or is damaged: {error}"
        raise BackupError(message) from error
    for name, content in contents.items():
        if not files[name].exists():
            files[name].parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(files[name], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    return dict(manifest["rows"])


def _member(archive: tarfile.TarFile, name: str) -> Any:  # noqa: ANN401 - a binary file
    found = archive.extractfile(name)
    if found is None:
        message = f"{name} is not a file"
        raise KeyError(message)
    return found


def _check(database: Database, manifest: Mapping[str, Any]) -> None:
    with database.reading() as connection:
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        filled = [
            table.name
            for table in metadata.sorted_tables
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
        ]
    if manifest["format"] != _FORMAT or manifest["revision"] != revision:
        message = (
            f"the backup is of version {manifest['revision']}, this program writes {revision}; "
            "restore it with the program that made it, then upgrade"
        )
        raise BackupError(message)
    if filled:
        message = f"the database is not empty ({', '.join(filled)}); restore into a new one"
        raise BackupError(message)


def _load(connection: sa.Connection, table: sa.Table, lines: Iterator[bytes], manifest: Mapping[str, Any]) -> None:
    names = [column.name for column in table.columns]
    readers = [_reader(column) for column in table.columns]
    sha, rows = hashlib.sha256(), []
    for line in lines:
        sha.update(line)
        values = json.loads(line)
        rows.append({name: read(value) for name, read, value in zip(names, readers, values, strict=True)})
        if len(rows) >= _ROWS:
            connection.execute(sa.insert(table), rows)
            rows = []
    if rows:
        connection.execute(sa.insert(table), rows)
    if sha.hexdigest() != manifest["sha256"][table.name]:
        message = f"the rows of {table.name} are not those that were written"
        raise BackupError(message)
