"""What has been done to a twin, kept so that it outlives its process.

A log is a file of JSON lines: what the plant is, then every command and every return to an earlier moment, and now and
then how far the plant has come, with a digest of all its events. Each line is on disk before anybody is told of it. A
process that dies while it writes leaves a torn last line, which is dropped: nobody was told of it.

A live plant says ten times a second how far it has come. So that the log does not grow by that, such marks take turns
in two lines at its end, and the later one counts; where one is torn the other one is whole.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from twins.errors import LogError, LogInUseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from simulators import Scenario

__all__ = ["CommandLog", "Given", "Mark", "Origin", "Story", "read_story", "scenario_digest"]

FORMAT = 1
MARK = b'{"kind": "mark"'
MARK_BYTES = 384
"""Length of a mark's line, filled up with spaces, so that another fits in its place."""


@dataclass(frozen=True)
class Origin:
    """Which plant it is.

    Parameters
    ----------
    scenario
        As data.
    digest
        SHA-256 of it.
    seed, replication
        Which random numbers it meets.
    version
        Of the simulators that the log was begun with.
    """

    scenario: Mapping[str, Any]
    digest: str
    seed: int
    replication: int
    version: str


@dataclass(frozen=True)
class Given:
    """A command that has been carried out.

    Parameters
    ----------
    number
        Its number in the journal, from 0.
    time_s
        When in the plant's time.
    command
        The command, as data.
    who
        Who gave it.
    at
        When by the clock on the wall, ISO 8601, UTC.
    """

    number: int
    time_s: float
    command: Mapping[str, Any]
    who: str
    at: str


@dataclass(frozen=True)
class Mark:
    """How far the plant had come.

    Parameters
    ----------
    time_s
        Its time.
    rows, digest
        Number and SHA-256 of all its events.
    version
        Of the simulators that it ran on.
    """

    time_s: float
    rows: int
    digest: str
    version: str


@dataclass(frozen=True)
class Story:
    """What a log tells.

    Parameters
    ----------
    origin
        Which plant it is.
    given
        The commands that count, in order.
    mark
        Where the plant stood last; None: nothing is known of that.
    before_mark
        How many of the commands had been given by then.
    """

    origin: Origin
    given: tuple[Given, ...]
    mark: Mark | None
    before_mark: int


def scenario_digest(scenario: Scenario) -> str:
    """Return the SHA-256 of a scenario's content, in hexadecimal."""
    return hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()


class CommandLog:
    """The log of one twin, which one process writes at a time.

    Parameters
    ----------
    path
        The file; it is made where there is none.

    Raises
    ------
    LogInUseError
        Another process writes it.
    LogError
        It cannot be written, or is no log.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # No buffer: what could not be written must not be written later.
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+b", buffering=0)
        self._marks: list[int] = []  # where the marks at the end begin, the older one first
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise LogInUseError(path) from error
        self._drop_torn_line()

    def story(self) -> Story | None:
        """Return what the log tells; None: it has not begun.

        Raises
        ------
        LogError
            A line is not one of ours; names it.
        """
        self._file.seek(0)
        return story_of(self.path, self._file.read().splitlines())

    def begin(self, origin: Origin) -> None:
        """Write which plant it is."""
        self._write({"shixun_twin": FORMAT, **asdict(origin)})

    def command(self, given: Given) -> None:
        """Write a command that has been carried out."""
        self._write({"kind": "command", **asdict(given)})

    def rewound(self, to_s: float, who: str, at: str) -> None:
        """Write that the plant has been wound back: commands from ``to_s`` on, and marks behind it, no longer count."""
        self._write({"kind": "rewind", "to_s": to_s, "who": who, "at": at})

    def mark(self, mark: Mark) -> None:
        """Write how far the plant has come, in place of the mark before the last one."""
        line = _line({"kind": "mark", **asdict(mark)}, MARK_BYTES)
        if len(self._marks) == 2 and len(line) == MARK_BYTES:
            at = self._marks.pop(0)
            self._put(line, at)
        else:
            at = self._file.seek(0, os.SEEK_END)
            self._append(line)
        self._marks = [*self._marks, at][-2:]

    def close(self) -> None:
        """Let others write it."""
        self._file.close()

    def _write(self, content: Mapping[str, Any]) -> None:
        self._append(_line(content))
        self._marks = []  # those before it stay as they are

    def _append(self, line: bytes) -> None:
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._put(line, end)
        except LogError:
            with contextlib.suppress(OSError):
                self._file.truncate(end)
            raise

    def _put(self, line: bytes, at: int) -> None:
        try:
            self._file.seek(at)
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise LogError(self.path, 0, f"cannot be written: {error.strerror}") from error

    def _drop_torn_line(self) -> None:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
            os.fsync(self._file.fileno())


def _has_turned(lines: Sequence[bytes], at: int) -> bool:
    """Return whether a line is a mark that was torn while it took its turn: another one stands beside it."""
    beside = (*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2])
    return lines[at].startswith(MARK) and any(line.startswith(MARK) for line in beside)


def _line(content: Mapping[str, Any], least: int = 0) -> bytes:
    """Return a line of a log, with spaces at its end where it is shorter than so many bytes."""
    return json.dumps(content, ensure_ascii=False).encode().ljust(least - 1) + b"\n"


def read_story(path: Path) -> Story:
    """Return what a log tells, without writing it or keeping others from that.

    Raises
    ------
    LogError
        It cannot be read, tells of no twin, or a line is not one of ours.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LogError(path, 0, f"cannot be read: {error.strerror}") from error
    story = story_of(path, content[: content.rfind(b"\n") + 1].splitlines())
    if story is None:
        raise LogError(path, 0, "tells of no twin yet")
    return story


def story_of(path: Path, lines: Sequence[bytes]) -> Story | None:
    """Return what the lines of a log tell; None: there are none."""
    origin: Origin | None = None
    given: list[Given] = []
    mark: Mark | None = None
    before_mark = 0
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            if origin is None:
                if content.pop("shixun_twin") != FORMAT:
                    raise LogError(path, number, f"is of another format than {FORMAT}; use the release that wrote it")
                origin = Origin(**content)
                continue
            match content.pop("kind"):
                case "command":
                    given.append(Given(**content))
                case "rewind":
                    to_s = content["to_s"]
                    given = [one for one in given if one.time_s < to_s]
                    mark, before_mark = None, 0
                case "mark":
                    found = Mark(**content)
                    if mark is None or found.time_s >= mark.time_s:  # of two that take turns the later one counts
                        mark, before_mark = found, len(given)
                case kind:
                    raise LogError(path, number, f"tells of {kind!r}, which is unknown")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if _has_turned(lines, number - 1):
                continue
            raise LogError(path, number, f"is no line of a twin's log ({error})") from error
    return None if origin is None else Story(origin, tuple(given), mark, before_mark)
