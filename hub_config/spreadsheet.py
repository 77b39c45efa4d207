"""A table as a spreadsheet saves it, row by row: XLSX, or CSV in UTF-8 or GB 18030."""

import csv
import io
import zipfile
from collections.abc import Iterator

from hub_config.errors import AccountsError

__all__ = ["rows"]

_MOST_UNPACKED_BYTES = 64 * 1024 * 1024


def rows(content: bytes, source: str) -> Iterator[list[str]]:
    r"""Read a table.

    Parameters
    ----------
    content
        The file: XLSX where it begins like a ZIP archive, else CSV.
    source
        What messages call the file.

    Yields
    ------
    list[str]
        The cells of a row, each as text without blanks around it.

    Raises
    ------
    AccountsError
        Where it is neither.

    Examples
    --------
    >>> list(rows("学号, 班级\n2026001,class-1\n".encode(), "north.csv"))
    [['学号', '班级'], ['2026001', 'class-1']]
    """
    yield from _xlsx(content, source) if content.startswith(b"PK") else _csv(content, source)


def _csv(content: bytes, source: str) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):  # the second is what Excel writes on a Chinese Windows
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
                yield [cell.strip() for cell in cells]
        except csv.Error as error:
            msg = f"{source}: not CSV ({error}); save it as XLSX, or as CSV (UTF-8)"
            raise AccountsError(msg) from error
        return
    msg = f"{source}: neither XLSX, nor UTF-8 nor GB 18030 text; save it as XLSX, or as CSV (UTF-8)"
    raise AccountsError(msg)


def _xlsx(content: bytes, source: str) -> Iterator[list[str]]:
    import openpyxl  # late: a hub that reads its own rosters has only CSV

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED_BYTES:
                msg = f"{source}: unpacks to more than 64 MiB; split it"
                raise AccountsError(msg)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield [_text(cell) for cell in cells]
        book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError, SyntaxError) as error:
        msg = f"{source}: not XLSX ({error}); save it again, or as CSV (UTF-8)"
        raise AccountsError(msg) from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a student number that the spreadsheet took for a number
    return str(cell).strip()
