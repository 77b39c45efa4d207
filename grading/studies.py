"""Stored studies: a decision that was simulated once under the same lab and engine is not simulated again."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grading.tables import studies
from simulators import Study

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from grading.database import Database

__all__ = ["Studies", "keep"]

_NUMBERS = np.dtype("<f8")


class Studies:
    """The store of studies; its seeds are not in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, keys: Collection[str]) -> dict[str, Study]:
        """Return the stored studies among these, by key."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(studies).where(studies.c.key.in_(keys))).all()
        return {row.key: _study(row) for row in rows}

    def forget_all_but(self, lab_digests: Collection[str]) -> int:
        """Remove the studies of labs that are no longer offered in that form; return how many."""
        with self._database.writing() as connection:
            return connection.execute(sa.delete(studies).where(studies.c.lab_digest.not_in(lab_digests))).rowcount


def _study(row: sa.Row[Any]) -> Study:
    values = np.frombuffer(zlib.decompress(row.values), _NUMBERS).reshape(row.replications, len(row.kpis))
    names, units = (tuple(column) for column in zip(*row.kpis, strict=True))
    return Study(0, row.engine, names, units, values.astype(np.float64))


def keep(connection: sa.Connection, found: Mapping[str, tuple[str, Study]]) -> None:
    """Store studies inside a transaction; of two of one name the longer stays.

    Parameters
    ----------
    connection
        Of a writing transaction.
    found
        Digest of the lab, and the study, by the study's key.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {
            "key": key,
            "lab_digest": lab_digest,
            "engine": study.engine,
            "kpis": [list(pair) for pair in zip(study.names, study.units, strict=True)],
            "replications": study.replications,
            "values": zlib.compress(np.ascontiguousarray(study.values, _NUMBERS).tobytes(), 1),
        }
        # Sorted, so that two workers never wait for each other crosswise.
        for key, (lab_digest, study) in sorted(found.items())
    ]
    if not rows:
        return
    statement = insert(studies)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={"replications": statement.excluded.replications, "values": statement.excluded["values"]},
            where=studies.c.replications < statement.excluded.replications,
        ),
        rows,
    )
