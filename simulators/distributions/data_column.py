"""Read the column of a data file that a scenario names."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["read_column"]


def read_column(folder: Path | str | None, file: object, column: object, most: int) -> tuple[float, ...]:
    """Return a column of a CSV file.

    Parameters
    ----------
    folder
        Folder of the scenario file; None where the scenario does not come from a file.
    file
        Path of the CSV file, relative to ``folder`` and within it; UTF-8, its first line holds the headings.
    column
        Heading of the column.
    most
        How many values it may hold.

    Raises
    ------
    ValueError
        The file is out of reach or not what it should be; names the line.
    """
    for name, value in (("file", file), ("column", column)):
        if not isinstance(value, str) or not value:
            message = f"{name} = {value!r} must be a text; give file and column together, or values_s"
            raise ValueError(message)
    if folder is None:
        message = f"file = {file!r} needs a scenario file that it lies beside; give values_s here"
        raise ValueError(message)
    root = Path(folder).resolve()
    path = (root / str(file)).resolve()
    if not path.is_relative_to(root):
        message = f"file = {file!r} must lie in the folder of the scenario file, or below it"
        raise ValueError(message)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _values(csv.reader(lines), str(file), str(column), most)
    except OSError as error:
        message = f"file = {file!r} cannot be read: {error.strerror}"
        raise ValueError(message) from error
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"file = {file!r} is not a CSV file in UTF-8: {error}"
        raise ValueError(message) from error


def _values(reader: Reader, file: str, column: str, most: int) -> tuple[float, ...]:
    headings: list[str] = next(reader, [])
    if headings.count(column) != 1:
        found = ", ".join(map(repr, headings)) or "no headings"
        message = f"column = {column!r} must stand once in the first line of {file!r}, which holds {found}"
        raise ValueError(message)
    position = headings.index(column)
    values: list[float] = []
    for row in reader:
        if not row:  # an empty line
            continue
        cell = row[position] if position < len(row) else ""
        value = _number(cell)
        if not 0 <= value < math.inf:
            message = f"file = {file!r}, line {reader.line_num}: {column} = {cell!r} must be a number of seconds ≥ 0"
            raise ValueError(message)
        values.append(value)
        if len(values) > most:
            message = f"file = {file!r} holds more than {most:,} values; give a sample of them"
            raise ValueError(message)
    if not values:
        message = f"file = {file!r} holds no value below its headings; give at least one"
        raise ValueError(message)
    return tuple(values)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
