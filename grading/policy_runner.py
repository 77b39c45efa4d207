"""Runs inside the sandbox, by itself: answers the simulator's questions with a student's functions.

It gets this file's text by ``python -c`` and uses the standard library only. Pickled plain data comes in: the source
first, then questions, some at a time. A line of JSON goes out for each: the answer, or what went wrong. It knows
nothing of lab, rubric or seeds.

Time is that of the processor, so that a busy machine fails nobody. A policy that evades the clock here meets the limits
that its process has from outside.
"""

from __future__ import annotations

import functools
import json
import os
import pickle
import random
import resource
import signal
import sys
import traceback
from collections import namedtuple
from typing import Any

_MOST_NAMESPACES = 16
_FILE = "policy"


class Frozen:
    """Something shown to a policy; it cannot be changed."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse."""
        message = f"what a policy is shown cannot be changed ({name})"
        raise AttributeError(message)


@functools.cache
def view(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - a type
    """Return the type of a view with these fields: a tuple with names, like the simulator's own."""
    return type("View", (Frozen, namedtuple("View", names)), {"__slots__": ()})


def shown(data: Any) -> Any:  # noqa: ANN401 - plain data
    """Return what travelled as plain data as a policy sees it."""
    if isinstance(data, tuple):
        return tuple(shown(each) if isinstance(each, dict | tuple) else each for each in data)
    if not isinstance(data, dict):
        return data
    if "$rows" in data:
        rows = data["values"]
        if any(isinstance(each, dict | tuple) for each in rows[0]):
            rows = map(shown, rows)
        return tuple(map(view(data["$rows"])._make, rows))
    if "$" in data:
        return view(data["$"])._make(map(shown, data["values"]))
    return {name: shown(value) for name, value in data["$map"].items()}


class TooSlowError(BaseException):
    """Raised inside a policy whose time is up; no ``except Exception`` of its own holds it."""


def used_s() -> float:
    """Return the seconds of processor time that this process has used so far.

    ``time.process_time`` will not do: while an interval timer runs, Linux moves that clock on at its own ticks only,
    and answers shorter than a tick would cost next to nothing.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Clock:
    """Stops a policy when its time is up.

    Parameters
    ----------
    answer_s, total_s
        Seconds of processor time for one answer, and for all of them together.
    """

    def __init__(self, answer_s: float, total_s: float) -> None:
        self.answer_s, self.total_s, self.left_s = answer_s, total_s, total_s
        signal.signal(signal.SIGPROF, self.ring)

    def ring(self, *_: object) -> None:
        """Say which time is up."""
        if self.left_s <= self.answer_s:
            message = f"all answers together took more than {self.total_s:g} s of processor time"
        else:
            message = f"no answer within {self.answer_s:g} s of processor time; look for a loop that does not end"
        raise TooSlowError(message)

    def __enter__(self) -> None:
        """Begin a question."""
        if self.left_s <= 0:  # the timer is coarse: short answers would slip under it for ever
            self.ring()
        signal.setitimer(signal.ITIMER_PROF, min(self.answer_s, self.left_s))
        self.began_s = used_s()

    def __exit__(self, *_: object) -> None:
        """End it."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.left_s -= used_s() - self.began_s


def told(error: BaseException) -> dict[str, Any]:
    """Return an error in plain words, with the line of the student's own source."""
    if isinstance(error, SyntaxError):
        return {"error": f"SyntaxError: {error.msg}", "line": error.lineno or 0}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
    text = str(error) if isinstance(error, TooSlowError) else f"{type(error).__name__}: {error}"[:500]
    return {"error": text, "line": frames[-1].lineno if frames else 0}


def main() -> None:
    """Answer until the pipe ends."""
    # Answers go out by a file of their own: what the policy prints goes nowhere.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    questions = sys.stdin.buffer
    answers.write('{"ready": true}\n')
    answers.flush()
    order = pickle.load(questions)  # noqa: S301 - from the side that started this process
    source, clock = order["source"], Clock(order["answer_s"], order["total_s"])
    namespaces: dict[int, dict[str, Any]] = {}
    code = None
    while True:
        try:
            asked = pickle.load(questions)  # noqa: S301 - as above
        except EOFError:
            break
        if len(namespaces) > _MOST_NAMESPACES:  # copies that are still at work ask every time
            namespaces = {copy: namespaces[copy] for _, copy, _ in asked if copy in namespaces}
        for point, copy, question in asked:
            try:
                code = code or compile(source, _FILE, "exec")
                seen = shown(question)
                with clock:
                    if copy not in namespaces:
                        random.seed(0)
                        namespace: dict[str, Any] = {"__name__": _FILE}
                        exec(code, namespace)  # noqa: S102 - that is what the sandbox is for
                        namespaces[copy] = namespace
                    function = namespaces[copy].get(point)
                    if not callable(function):
                        message = f"there is no function {point}"
                        raise NameError(message)
                    answer = function(*seen)
                    if answer is not None and not isinstance(answer, bool):
                        answer = answer.__index__() if hasattr(answer, "__index__") else repr(answer)[:100]
                text = json.dumps({"answer": answer})
            except BaseException as error:
                text = json.dumps(told(error))
            answers.write(text + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
