"""The Standard Workload Format: one job a line, 18 numbers, ``;`` before comments, -1 for what is not known.

Source: S. Chapin et al., "Benchmarks and standards for the evaluation of parallel job schedulers", JSSPP 1999; version
2.2 of the format at the Parallel Workloads Archive.
"""

from __future__ import annotations

import gzip
import math
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.errors import TraceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["FIELDS", "LineProblem", "Trace", "parse_swf", "read_swf", "write_swf"]

FIELDS = (
    "job",
    "submit_s",
    "wait_s",
    "run_s",
    "processors",
    "cpu_s",
    "memory_kib",
    "requested_processors",
    "requested_s",
    "requested_memory_kib",
    "status",
    "user",
    "group",
    "executable",
    "queue",
    "partition",
    "preceding_job",
    "think_s",
)
"""The 18 fields in their order."""

GZIP = b"\x1f\x8b"
LONGEST_S = 1e12
SUBMIT, RUN, PROCESSORS, REQUESTED_PROCESSORS = (
    FIELDS.index(name) for name in ("submit_s", "run_s", "processors", "requested_processors")
)


@dataclass(frozen=True)
class LineProblem:
    """Something wrong with one line of a trace.

    Parameters
    ----------
    line
        Its number in the file, from 1.
    message
        What is wrong.
    kept
        Whether the job was read all the same.
    """

    line: int
    message: str
    kept: bool = False

    def __str__(self) -> str:
        """Return ``line N: message``."""
        return f"line {self.line}: {self.message} ({'read all the same' if self.kept else 'left out'})"


@dataclass(frozen=True, eq=False)
class Trace:
    """A workload trace.

    Parameters
    ----------
    header
        The comment lines before the first job, as they stand, without line ends.
    values
        ``(N, 18)`` the fields of `FIELDS`, in order of submission.
    problems
        What is wrong with single lines, in order.
    complete
        False where the file breaks off.
    """

    header: tuple[str, ...]
    values: NDArray[np.float64]
    problems: tuple[LineProblem, ...] = ()
    complete: bool = True

    def __len__(self) -> int:
        """Return the number of jobs."""
        return len(self.values)

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one of `FIELDS`, ``(N,)``."""
        column: NDArray[np.float64] = self.values[:, FIELDS.index(name)]
        return column

    @property
    def left_out(self) -> int:
        """How many lines could not be read."""
        return sum(not problem.kept for problem in self.problems)


def read_swf(path: Path | str) -> Trace:
    """Read a trace, plain or gzip.

    Malformed lines are reported in ``problems`` by number, and the rest is read; a file that breaks off is read up to
    there and its ``complete`` is False.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    TraceError
        The file cannot be opened or is damaged.
    """
    path = Path(path)
    try:
        status = path.stat()
    except OSError as error:
        raise TraceError(str(path), f"cannot be read: {error.strerror}") from error
    return _read(str(path), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)  # a study reads its trace once, not once a replication
def _read(path: str, changed_ns: int, size: int) -> Trace:
    del changed_ns, size
    try:
        content = Path(path).read_bytes()
        content, complete = _unpacked(content) if content.startswith(GZIP) else (content, True)
    except OSError as error:
        raise TraceError(path, f"cannot be read: {error.strerror}") from error
    except zlib.error as error:
        raise TraceError(path, f"is a damaged gzip file: {error}") from error
    return parse_swf(content.decode("utf-8", errors="replace"), complete=complete)


def _unpacked(content: bytes) -> tuple[bytes, bool]:
    """Unpack all members of a gzip file, as far as they go; say whether it is whole."""
    pieces = []
    while content:
        unpacker = zlib.decompressobj(wbits=31)
        pieces.append(unpacker.decompress(content))
        if not unpacker.eof:
            return b"".join(pieces), False
        content = unpacker.unused_data
        if not content.startswith(GZIP):  # padding
            break
    return b"".join(pieces), True


def parse_swf(text: str, *, complete: bool = True) -> Trace:
    r"""Read a trace from a text.

    Parameters
    ----------
    text
        Lines of the format.
    complete
        Whether the text is whole; else its last line is left out.

    Examples
    --------
    >>> trace = parse_swf("1 0 -1 60 4 -1 -1 4 90 -1 1 3 -1 -1 -1 -1 -1 -1\n2 5 -1 60")
    >>> len(trace), str(trace.problems[0])
    (1, 'line 2: has 4 fields; 18 are needed (left out)')
    """
    lines = text.splitlines()
    problems: list[LineProblem] = []
    if not complete:
        last = len(lines) if lines and not text.endswith("\n") else len(lines) + 1
        lines = lines[: last - 1]
    header: list[str] = []
    rows: list[list[float]] = []
    latest_s = -math.inf
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith(";"):
            if not rows:
                header.append(line)
            continue
        row = _fields(stripped)
        if isinstance(row, str):
            problems.append(LineProblem(number, row))
            continue
        if row[SUBMIT] < latest_s:
            message = f"submit_s = {row[SUBMIT]:g} goes back behind {latest_s:g} of a line before"
            problems.append(LineProblem(number, message, kept=True))
        latest_s = max(latest_s, row[SUBMIT])
        rows.append(row)
    if not complete:
        problems.append(LineProblem(len(lines) + 1, "the file breaks off here"))
    values = np.array(rows, np.float64).reshape(-1, len(FIELDS))
    return Trace(tuple(header), values[np.argsort(values[:, SUBMIT], kind="stable")], tuple(problems), complete)


def _fields(line: str) -> list[float] | str:
    """Return the fields of a line, or what is wrong with it."""
    words = line.split()
    if len(words) != len(FIELDS):
        return f"has {len(words)} fields; {len(FIELDS)} are needed"
    try:
        row = [float(word) for word in words]
    except ValueError:
        position = next(position for position, word in enumerate(words) if not _is_number(word))
        return f"{FIELDS[position]} = {words[position]!r} must be a number"
    for position, value in enumerate(row):
        if not abs(value) <= LONGEST_S:
            return f"{FIELDS[position]} = {words[position]} must be a finite number, at most {LONGEST_S:g}"
    if row[SUBMIT] < 0:
        return f"submit_s = {words[SUBMIT]} must be ≥ 0"
    if row[RUN] < 0:
        return f"run_s = {words[RUN]} must be ≥ 0: a job that never ran, or whose run time is not known"
    if max(row[PROCESSORS], row[REQUESTED_PROCESSORS]) < 1:
        asked = f"requested_processors = {words[REQUESTED_PROCESSORS]}"
        return f"processors = {words[PROCESSORS]} and {asked}: one must be ≥ 1"
    return row


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def write_swf(trace: Trace, path: Path | str) -> None:
    """Write a trace, its header first; gzip where the name ends in ``.gz``.

    Parameters
    ----------
    trace
        What to write.
    path
        The file; an older one is replaced.
    """
    content = "".join(_lines(trace)).encode()
    path = Path(path)
    # No time of day in the file: the same trace gives the same bytes.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _lines(trace: Trace) -> Iterator[str]:
    for line in trace.header:
        yield f"{line}\n"
    for row in trace.values.tolist():
        yield " ".join(f"{int(value)}" if value == int(value) else repr(value) for value in row) + "\n"
