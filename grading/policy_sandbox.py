"""Where students' policies run: a throw-away process without network, files, processes or our code.

It answers the simulator's questions over a pipe. Simulator, rubric, seeds and other students' work are on this side of
the pipe; on the other there is an interpreter with the student's source and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import selectors
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import greenlet

from grading import reasons
from grading.errors import GradingError
from grading.policy_launchers import ANSWER_S, TOTAL_S
from grading.side_by_side import Replication

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grading.policy_launchers import Launcher
    from grading.side_by_side import Question

__all__ = ["PolicyFailedError", "PolicyProcess", "Remote", "Warm", "remote"]

_ANSWER_BYTES = 4096
_START_S = 20.0
_PATIENCE = 5
"""So many times the processor time of an answer may it take by the clock on the wall."""

_PROTOCOL = 4
"""Of pickle, which every Python in a sandbox reads. What comes back is never unpickled."""

_PLAIN = {int, float, str, bool, type(None)}


class PolicyFailedError(GradingError):
    """A policy failed, or broke a limit; the text is for the student.

    Parameters
    ----------
    text
        Plain words.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)


def _travelling(value: object) -> Any:  # noqa: ANN401 - plain data
    """Return what a policy is shown as plain data: views as their names and values, rows of equal views together."""
    if type(value) in _PLAIN:
        return value
    kind: Any = type(value)  # mypy takes no type for hashable
    names = _names(kind)
    if names:
        return {"$": names, "values": [_travelling(getattr(value, name)) for name in names]}
    if isinstance(value, tuple | list):
        kinds = set(map(type, value))
        if kinds <= _PLAIN:
            return tuple(value)
        kind = type(value[0])
        names = _names(kind)
        if len(kinds) == 1 and names:
            # Long queues travel as rows: a tenth of the time that views one by one take.
            rows = list(map(tuple, value)) if isinstance(value[0], tuple) else _rows(value, names)
            return {"$rows": names, "values": rows if _is_plain(rows[0]) else [_travelling(row) for row in rows]}
        return tuple(map(_travelling, value))
    if isinstance(value, Mapping):
        return {"$map": {str(name): _travelling(each) for name, each in value.items()}}
    return value.item() if hasattr(value, "item") else value


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type
    """Return the names of the fields of a type of views; none where it is none."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return getattr(kind, "_fields", ()) if isinstance(kind, type) and issubclass(kind, tuple) else ()


def _rows(views: Sequence[object], names: Sequence[str]) -> list[tuple[object, ...]]:
    return [tuple(getattr(view, name) for name in names) for view in views]


def _is_plain(row: Iterable[object]) -> bool:
    return set(map(type, row)) <= _PLAIN


def _answer(point: str, said: dict[str, Any]) -> int | bool | PolicyFailedError | None:
    if "error" in said:
        line = said.get("line")
        template = reasons.POLICY_LINE if line else reasons.POLICY_POINT
        return PolicyFailedError(template % {"point": point, "line": line, "why": said["error"]})
    answer: int | bool | None = said.get("answer")
    return answer


class PolicyProcess:
    """One student's policy at work.

    Parameters
    ----------
    launcher
        What starts the process.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._process = launcher.start()
        self._patience_s = _PATIENCE * ANSWER_S
        self._pending = b""
        self._ready = False
        self._selector = selectors.DefaultSelector()
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        os.set_blocking(self._process.stdout.fileno(), False)
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def load(self, source: str, *, answer_s: float = ANSWER_S, total_s: float = TOTAL_S) -> None:
        """Hand the source over.

        Parameters
        ----------
        source
            The student's module.
        answer_s, total_s
            Seconds of processor time that one answer, and all of them together, may take.

        Raises
        ------
        RuntimeError
            Where the sandbox does not come up; no student is to blame.
        """
        if not self._ready:
            try:
                self._ready = bool(self._line(_START_S).get("ready"))
            except PolicyFailedError as fault:
                message = f"the sandbox of policies does not come up: {fault}"
                raise RuntimeError(message) from fault
        self._patience_s = _PATIENCE * answer_s
        self._send({"source": source, "answer_s": answer_s, "total_s": total_s})

    def ask(self, point: str, copy: int, question: Sequence[object]) -> int | bool | None:
        """Return the answer to a question.

        Raises
        ------
        PolicyFailedError
            Where the policy fails, or breaks a limit.
        """
        (answer,) = self.ask_all([(point, copy, question)])
        if isinstance(answer, PolicyFailedError):
            raise answer
        return answer

    def ask_all(self, questions: Sequence[Question]) -> list[int | bool | PolicyFailedError | None]:
        """Return the answer to each question, or the error that the policy made of it: of all, where it is gone."""
        try:
            self._send([(point, copy, _travelling(tuple(question))) for point, copy, question in questions])
            patience_s = self._patience_s * len(questions)  # answers come when all are there
            return [_answer(point, self._line(patience_s)) for point, _, _ in questions]
        except PolicyFailedError as fault:
            return [fault] * len(questions)

    def _send(self, data: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self._process.stdin.write(pickle.dumps(data, _PROTOCOL))
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended() from error

    def _line(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        until = time.monotonic() + seconds
        while b"\n" not in self._pending:
            left = until - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                self.kill()
                text = reasons.POLICY_SILENT % {"seconds": f"{seconds:.3g}"}
                raise PolicyFailedError(text)
            part = os.read(self._process.stdout.fileno(), _ANSWER_BYTES + 1)
            if not part:
                raise self._ended()
            self._pending += part
            if self._pending.find(b"\n") < 0 and len(self._pending) > _ANSWER_BYTES:
                self.kill()
                text = reasons.POLICY_LOUD % {"bytes": _ANSWER_BYTES}
                raise PolicyFailedError(text)
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            self.kill()
            raise PolicyFailedError(reasons.POLICY_STRANGE)
        return said

    def _ended(self) -> PolicyFailedError:
        self.kill()
        return PolicyFailedError(reasons.POLICY_ENDED)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # What was not written yet has nobody to read it.
                with contextlib.suppress(OSError):
                    pipe.close()


_live: dict[int, PolicyProcess] = {}
_copies = count()
_numbers = count()


class Remote:
    """A decision point whose function runs in a sandbox; every pickled copy is a new one, without the old one's memory.

    Parameters
    ----------
    name
        Name of the live process.
    point
        Decision point.
    """

    def __init__(self, name: int, point: str) -> None:
        self._name = name
        self._point = point
        self._copy = next(_copies)

    def __call__(self, *question: object) -> object:
        """Ask the policy, together with other replications where some run side by side."""
        here = greenlet.getcurrent()
        if isinstance(here, Replication):
            return here.ask((self._point, self._copy, question))
        return _live[self._name].ask(self._point, self._copy, question)

    def __reduce__(self) -> tuple[type[Remote], tuple[int, str]]:
        """Travel as a name: copies are made, and asked, in this process alone."""
        return Remote, (self._name, self._point)


@contextlib.contextmanager
def remote(process: PolicyProcess, points: Sequence[str]) -> Any:  # noqa: ANN401 - a generator of mappings
    """Give functions by decision point that ask a process; it is ended with the block."""
    name = next(_numbers)
    _live[name] = process
    try:
        yield {point: Remote(name, point) for point in points}
    finally:
        del _live[name]
        process.kill()


class Warm:
    """Processes started ahead, so that nobody waits for an interpreter.

    Parameters
    ----------
    launcher
        What starts them.
    size
        How many stand by.
    """

    def __init__(self, launcher: Launcher, size: int = 2) -> None:
        self._launcher = launcher
        self._size = size
        self._waiting: list[PolicyProcess] = []

    def take(self) -> PolicyProcess:
        """Return a process, and start the next one."""
        while len(self._waiting) <= self._size:
            self._waiting.append(PolicyProcess(self._launcher))
        return self._waiting.pop(0)

    def close(self) -> None:
        """End those that stand by."""
        while self._waiting:
            self._waiting.pop().kill()
