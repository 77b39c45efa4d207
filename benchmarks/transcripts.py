"""How long a transcript takes as the ledger grows: PostgreSQL is filled with made-up outcomes by a script."""

from __future__ import annotations

import random
import statistics
import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from grading.database import Database
from grading.transcripts import Filter, Transcripts

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["measure"]

_EACH = 30  # outcomes a learner
_ASKED = 300

# Rows as the service writes them, but for their hashes: nothing here reads a chain.
_SUBMISSIONS = """
INSERT INTO submissions (id, learner, lab, lab_version, lab_digest, decision, idempotency_key, submitted_at, state,
                         tries)
SELECT md5('s' || n)::uuid, 'learner-' || (n / :each), 'lab-' || (n % 10), '1.0.0', :digest, '{"a": 1, "b": 2}',
       'key-' || n, timestamptz '2026-01-01' + n * interval '1 second', 'graded', 1
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
"""
_OUTCOMES = """
INSERT INTO outcomes (id, submission_id, learner, seq, lab, lab_version, lab_digest, engine_version, rubric_digest,
                      seed_commitment, replications, decision, estimates, points, maximum, criteria, recorded_at,
                      prev_hash, hash)
SELECT md5('o' || n)::uuid, md5('s' || n)::uuid, 'learner-' || (n / :each), n % :each + 1, 'lab-' || (n % 10), '1.0.0',
       :digest, 'compiled/0.1.0', :digest, :digest, 40, '{"a": 1, "b": 2}',
       '{"throughput_per_h": {"mean": 150.2, "half_width_95": 0.5, "unit": "1/h"}}', n % 100, 100,
       '[{"name": "throughput", "credit": 0.7, "points": 70, "maximum": 100}]',
       timestamptz '2026-01-01' + n * interval '1 second', :digest, :digest
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
"""


def measure(
    say: Callable[[str], None], database_url: str, sizes: tuple[int, ...] = (30_000, 3_000_000)
) -> dict[str, Any]:
    """Time transcripts of random learners, all labs and one lab, at each size of the ledger.

    Parameters
    ----------
    say
        Told what is being done.
    database_url
        An empty PostgreSQL database.
    sizes
        Outcomes in all, growing.

    Returns
    -------
    ``transcripts``: a row a size with median and 95th percentile in milliseconds; ``ratio``: the last p95 to the first.
    """
    database = Database(database_url)
    database.upgrade()
    rows: list[dict[str, Any]] = []
    filled = 0
    try:
        for size in sizes:
            say(f"{size} outcomes")
            _fill(database, filled, size)
            filled = size
            taken = _ask(database, size // _EACH)
            rows.append(
                {
                    "outcomes": size,
                    "median_ms": 1000 * statistics.median(taken),
                    "p95_ms": 1000 * statistics.quantiles(taken, n=20)[18],
                }
            )
    finally:
        database.close()
    return {"transcripts": rows, "ratio": rows[-1]["p95_ms"] / rows[0]["p95_ms"]}


def _fill(database: Database, filled: int, size: int, step: int = 100_000) -> None:
    for first in range(filled, size, step):
        values = {"first": first, "last": min(first + step, size) - 1, "each": _EACH, "digest": "d" * 64}
        with database.writing() as connection:
            connection.execute(sa.text(_SUBMISSIONS), values)
            connection.execute(sa.text(_OUTCOMES), values)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def _ask(database: Database, learners: int) -> list[float]:
    store = Transcripts(database)
    draw = random.Random(1)  # noqa: S311 - which learners, not which secrets
    taken = []
    for number in range(_ASKED):
        name = f"learner-{draw.randrange(learners)}"
        wanted = Filter([name], lab=None if number % 2 else f"lab-{draw.randrange(10)}")
        began = time.perf_counter()
        found = store.page(wanted, 50)
        store.count(wanted, 10_000)
        taken.append(time.perf_counter() - began)
        if not found:
            message = f"{name} has no outcomes"
            raise RuntimeError(message)
    return taken
