"""Decisions left to a Python function: a student's own dispatching rule, scheduler or gate control."""

from __future__ import annotations

import functools
import operator
import reprlib
import sys
from types import MethodType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from simulators.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType, TracebackType

__all__ = ["Policy", "definition"]

_shortened = reprlib.Repr()  # never fails, whatever a student's __repr__ does
_shortened.maxstring = _shortened.maxother = 80


class Policy:
    """A function that decides at one point of a simulation; what goes wrong in it is told with its own line.

    Parameters
    ----------
    point
        The decision point, such as ``dispatch``.
    function
        What decides: a function, a lambda, a bound method, a ``functools.partial`` or any other callable object.

    Raises
    ------
    PolicyError
        ``function`` cannot be called.

    Examples
    --------
    >>> shortest_first = Policy("dispatch", lambda queue: min(range(len(queue)), key=queue.__getitem__))
    >>> shortest_first.index(3, (40.0, 12.0, 31.0))
    1
    """

    def __init__(self, point: str, function: Callable[..., object]) -> None:
        candidate: object = function  # its type is only a promise
        if not callable(candidate):
            message = f"{_shortened.repr(candidate)} cannot be called; give a function"
            raise PolicyError(point, "", 0, message)
        self.point = point
        self._function = function

    def __call__(self, *question: object) -> object:
        """Ask for a decision.

        Raises
        ------
        PolicyError
            The function raised an exception, or would end the program.
        """
        try:
            return self._function(*question)
        except (Exception, SystemExit) as error:
            raise PolicyError(self.point, *_own_line(error.__traceback__, self._function), _told(error)) from error

    def index(self, count: int, *question: object) -> int:
        """Ask for one of ``count`` things, by its index.

        Raises
        ------
        PolicyError
            The answer is not an integer from 0 to ``count - 1``, or the function raised an exception.
        """
        answer = self(*question)
        index = _as_index(answer, count)
        if index is None:
            self.refuse(answer, f"an index from 0 to {count - 1}", *question)
        return index

    def optional_index(self, count: int, *question: object) -> int | None:
        """Ask for one of ``count`` things, or None for none of them.

        Raises
        ------
        PolicyError
            The answer is neither None nor an index, or the function raised an exception.
        """
        answer = self(*question)
        index = _as_index(answer, count)
        if index is None and answer is not None:
            self.refuse(answer, f"None or an index from 0 to {count - 1}", *question)
        return index

    def yes(self, *question: object) -> bool:
        """Ask whether or not.

        Raises
        ------
        PolicyError
            The answer is not True or False, or the function raised an exception.
        """
        answer = self(*question)
        if not isinstance(answer, bool | np.bool_):
            self.refuse(answer, "True or False", *question)
        return bool(answer)

    def refuse(self, answer: object, wanted: str, *question: object) -> NoReturn:
        """Stop the run because of an answer that cannot be carried out.

        Parameters
        ----------
        answer
            What the function answered.
        wanted
            What would have been right, such as ``an index from 0 to 3``.
        question
            What it had been asked; it is asked once more, to find the line that answers.

        Raises
        ------
        PolicyError
            Always.
        """
        file, line = definition(self._function)
        line = _answering_line(self._function, question, answer) or line
        raise PolicyError(self.point, file, line, f"answered {_shortened.repr(answer)}; it must be {wanted}")


def definition(function: Callable[..., object]) -> tuple[str, int]:
    """Return file and line where a function is defined; an empty name and 0 where it is not written in Python."""
    code = _code(function)
    return (code.co_filename, code.co_firstlineno) if code else ("", 0)


def _as_index(answer: object, count: int) -> int | None:
    """Return an integer of any kind, NumPy's too; None where it is none or out of bounds. True is no 1."""
    if isinstance(answer, bool):
        return None
    try:
        index = operator.index(answer)  # type: ignore[arg-type] # what is no integer raises
    except TypeError:
        return None
    return index if 0 <= index < count else None


def _code(function: object) -> CodeType | None:
    """Return the code that its author wrote, below partials, decorators, bound methods and callable objects."""
    for _ in range(sys.getrecursionlimit()):
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif hasattr(function, "__code__"):
            code: CodeType = function.__code__
            return code
        elif hasattr(type(function).__call__, "__code__"):
            function = type(function).__call__
        else:
            break
    return None


def _told(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # a student's own exception may fail to tell itself
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _own_line(trace: TracebackType | None, function: Callable[..., object]) -> tuple[str, int]:
    """Return the innermost place in the policy's own file: where the fault is for whoever wrote it."""
    place = definition(function)
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == place[0]:
            place = place[0], trace.tb_lineno
        trace = trace.tb_next
    return place


def _answering_line(function: Callable[..., object], question: tuple[object, ...], answer: object) -> int:
    """Return the line that gives ``answer`` to ``question``; 0 where asking again gives another."""
    code = _code(function)
    line = 0

    def watch(frame: FrameType, event: str, value: Any) -> Any:  # noqa: ANN401 - see sys.settrace
        nonlocal line
        if frame.f_code is not code:
            return None
        if event == "return" and (value is answer or _shortened.repr(value) == _shortened.repr(answer)):
            line = frame.f_lineno
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        function(*question)
    except (Exception, SystemExit):  # it answered a moment ago, but what it remembers has changed
        return 0
    finally:
        sys.settrace(before)
    return line
