"""A roster: a table of student number, name and class, as CSV or XLSX, read whole or refused by rows."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grading.errors import GradingError
from grading.languages import mark
from grading.people import Enrolment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["RosterError", "RowError", "read", "rows"]

_HEADS = {
    "student_number": {"学号", "student_number", "student number", "number"},
    "full_name": {"姓名", "full_name", "full name", "name"},
    "class_name": {"班级", "class_name", "class"},
    "learner": {"用户名", "账号", "username", "learner", "account"},
}
_REQUIRED = ("student_number", "full_name", "class_name")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_CLASS = re.compile(r"[\w][\w .()（）-]{0,99}")
_LEARNER = re.compile(r"[a-z0-9][a-z0-9._@-]{0,254}")
_MOST_ROWS = 20_000
_MOST_UNPACKED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class RowError:
    """One thing wrong with a roster.

    Parameters
    ----------
    row
        Number of the row in the file, from 1; the heads are row 1.
    column, value
        Where, and what stands there.
    message
        What is wrong and what to do, in English with ``%(value)s``, for a catalogue of messages.
    """

    row: int
    column: str
    value: str
    message: str


class RosterError(GradingError):
    """A roster was refused; nothing of it was taken over."""

    def __init__(self, errors: Iterable[RowError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(f"row {e.row}, {e.column}: {e.message % {'value': e.value}}" for e in self.errors))


def read(content: bytes, school: str) -> list[Enrolment]:
    r"""Return the enrolments of a roster.

    The file is read as by `rows`. The heads are 学号, 姓名, 班级 and, if accounts are not named
    ``<school>-<student number>``, 用户名; English heads do as well.

    Parameters
    ----------
    content
        The file.
    school
        Name of the school.

    Raises
    ------
    RosterError
        Naming every row that is wrong.

    Examples
    --------
    >>> read("学号,姓名,班级\n2026001,李明,电子 1 班\n".encode(), "north")
    [Enrolment(class_name='电子 1 班', learner='north-2026001', student_number='2026001', full_name='李明')]
    """
    table = rows(content)
    heads = next(table, [])
    columns = _columns(heads)
    errors: list[RowError] = []
    found: list[Enrolment] = []
    seen: dict[tuple[str, str, str], int] = {}
    for number, cells in enumerate(table, start=2):
        if number > _MOST_ROWS + 1:
            message = mark("A roster has at most 20,000 rows; split it.")
            raise RosterError([*errors, RowError(number, "", "", message)])
        if not any(cells):
            continue
        row = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        row["learner"] = row.get("learner") or f"{school}-{row['student_number']}".lower()
        wrong = list(_wrong(number, row))
        for kind in ("student_number", "learner"):
            key = (kind, row["class_name"], row[kind])
            if key in seen and not wrong:
                message = mark("%(value)s stands in the same class twice; remove one of the rows.")
                wrong.append(RowError(number, kind, row[kind], message))
            seen.setdefault(key, number)
        errors += wrong
        if not wrong:
            found.append(Enrolment(**row))
    if not found and not errors:
        errors.append(RowError(2, "", "", mark("The roster has no rows; write one for each learner.")))
    if errors:
        raise RosterError(errors)
    return found


def rows(content: bytes) -> Iterator[list[str]]:
    """Return the rows of a table, each cell as text: XLSX where a file begins like a ZIP archive, else CSV.

    Parameters
    ----------
    content
        The file; a CSV is in UTF-8 or GB 18030.

    Raises
    ------
    RosterError
        Where it is neither.
    """
    return _xlsx(content) if content.startswith(b"PK") else _csv(content)


def _columns(heads: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, head in enumerate(heads):
        for name, spellings in _HEADS.items():
            if head.strip().lower() in spellings and name not in found:
                found[name] = at
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        message = mark("The first row must hold the heads 学号, 姓名 and 班级; it holds: %(value)s.")
        raise RosterError([RowError(1, ", ".join(missing), ", ".join(heads)[:200], message)])
    return found


def _wrong(number: int, row: dict[str, str]) -> Iterator[RowError]:
    checks = (
        ("student_number", _NUMBER, mark("%(value)s is no student number: letters, digits and hyphens, at most 63.")),
        ("class_name", _CLASS, mark("%(value)s is no name of a class: letters, digits, blanks, at most 100.")),
        ("learner", _LEARNER, mark("%(value)s is no account name: small letters, digits, . _ @ -")),
    )
    for name, pattern, message in checks:
        if not pattern.fullmatch(row[name]):
            yield RowError(number, name, row[name][:100], message)
    if not row["full_name"] or len(row["full_name"]) > 100 or not row["full_name"].isprintable():
        message = mark("%(value)s is no name: write 1 to 100 characters.")
        yield RowError(number, "full_name", row["full_name"][:100], message)


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what Excel writes on a Chinese Windows
        except UnicodeDecodeError as error:
            message = mark("The file is neither UTF-8 nor GB 18030 text, nor XLSX; save it as one of them.")
            raise RosterError([RowError(1, "", "", message)]) from error
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        message = mark("The file is not CSV: %(value)s.")
        raise RosterError([RowError(1, "", str(error), message)]) from error


def _xlsx(content: bytes) -> Iterator[list[str]]:
    import openpyxl  # late: only rosters and exports need it

    unreadable = mark("The file is not XLSX: %(value)s.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED_BYTES:
                raise RosterError([RowError(1, "", "", mark("The file unpacks to more than 64 MiB; split it."))])
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        for cells in rows:
            yield [_text(cell) for cell in cells]
        book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError, SyntaxError) as error:
        raise RosterError([RowError(1, "", str(error)[:100], unreadable)]) from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a student number that Excel took for a number
    return str(cell).strip()
