"""The archive: files of every form of a lab that was graded, so that its outcomes can be computed again later."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grading.errors import AssessmentError
from grading.tables import lab_files
from simulators import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grading.assessment import Assessor
    from grading.database import Database

__all__ = ["Archive"]


class Archive:
    """The store of labs' files."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: set[tuple[str, str]] = set()

    def keep(self, assessor: Assessor, slug: str) -> None:
        """Store the files of a lab as they are now; what is gone or malformed is for whoever grades it to say."""
        try:
            bench = assessor.bench(slug)
            digests = bench.lab.digest, bench.rubric_digest
            if digests in self._kept:
                return
            folder = assessor.catalog_root / slug
            files = {name: _written((folder / name).read_bytes()) for name in bench.files}
        except (AssessmentError, SimulatorError, OSError):
            return
        row = {"lab_digest": digests[0], "rubric_digest": digests[1], "lab": slug, "files": files}
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        with self._database.writing() as connection:
            connection.execute(insert(lab_files).values(row).on_conflict_do_nothing())
        self._kept.add(digests)

    @contextmanager
    def unpacked(self, lab_digest: str, rubric_digest: str) -> Iterator[Path | None]:
        """Give a catalogue that holds just this form of the lab; None where it was never graded here."""
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(lab_files).where(
                    lab_files.c.lab_digest == lab_digest, lab_files.c.rubric_digest == rubric_digest
                )
            ).one_or_none()
        if row is None:
            yield None
            return
        with TemporaryDirectory(prefix="shixun-lab-") as folder:
            lab = Path(folder) / row.lab
            lab.mkdir()
            for name, content in row.files.items():
                (lab / name).parent.mkdir(parents=True, exist_ok=True)
                (lab / name).write_bytes(_read(content))
            yield Path(folder)


def _written(content: bytes) -> str | dict[str, str]:
    """Return a file's content as JSON can hold it: text where it is text."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _read(content: str | dict[str, str]) -> bytes:
    return content.encode() if isinstance(content, str) else base64.b64decode(content["base64"])
