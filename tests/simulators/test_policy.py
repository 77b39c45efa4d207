"""A policy is told its own line, whatever it is and whatever goes wrong in it."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulators import PolicyError
from simulators.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable


def line_of(word: str) -> int:
    """The line of this file that ends with a mark."""
    with open(__file__, encoding="utf-8") as lines:  # noqa: PTH123 - plain
        (found,) = [number for number, line in enumerate(lines, 1) if line.rstrip().endswith(f"# here: {word}")]
    return found


def told(ask: Callable[[], object]) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        ask()
    assert caught.value.point == "pick"
    return caught.value


def test_answers_of_every_kind_of_integer_are_taken() -> None:
    for answer in (2, np.int64(2), np.uint8(2), np.array(2)):
        chosen = Policy("pick", lambda answer=answer: answer).index(3)
        assert (chosen, type(chosen)) == (2, int)
        assert Policy("pick", lambda answer=answer: answer).optional_index(3) == 2
    assert Policy("pick", lambda: None).optional_index(3) is None
    for answer in (True, np.bool_(True)):
        assert Policy("pick", lambda answer=answer: answer).yes() is True


@pytest.mark.parametrize(
    "answer", [True, np.bool_(True), 3, -1, 1.0, "1", [1], np.array([1, 2]), np.float64(1), object(), np.int64(3)]
)
def test_what_is_no_index_is_refused(answer: object) -> None:
    error = told(lambda: Policy("pick", lambda: answer).index(3))
    assert "it must be an index from 0 to 2" in str(error)
    assert "answered" in str(error)
    error = told(lambda: Policy("pick", lambda: answer).optional_index(3))
    assert "it must be None or an index from 0 to 2" in str(error)


@pytest.mark.parametrize("answer", [1, 0, None, "yes", np.int64(1)])
def test_what_is_no_yes_or_no_is_refused(answer: object) -> None:
    assert "it must be True or False" in str(told(lambda: Policy("pick", lambda: answer).yes()))


def none_is_no_index(waiting: tuple[int, ...]) -> int | None:
    if len(waiting) > 1:
        return 0
    return None  # here: none


def raises(waiting: tuple[int, ...]) -> int:
    shortest = min(waiting, key=lambda job: 1 / job)  # here: raise
    return waiting.index(shortest)


def raises_in_a_helper(waiting: tuple[int, ...]) -> int:
    return helper(waiting)


def helper(waiting: tuple[int, ...]) -> int:
    return waiting[99]  # here: helper


class Chooser:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __call__(self, waiting: tuple[int, ...]) -> object:
        return self.answer  # here: object

    def method(self, waiting: tuple[int, ...]) -> object:
        return self.answer  # here: method


def of_two(answer: object, waiting: tuple[int, ...]) -> object:
    return answer  # here: partial


def decorated(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def wrapper(*question: object) -> object:
        return function(*question)

    return wrapper


@decorated
def under_a_decorator(waiting: tuple[int, ...]) -> str:
    return "first"  # here: decorated


@functools.lru_cache  # here: cached
def cached(waiting: tuple[int, ...]) -> str:
    return "first"


LAMBDA = lambda waiting: len(waiting)  # noqa: E731 # here: lambda


@pytest.mark.parametrize(
    ("function", "mark", "words"),
    [
        (none_is_no_index, "none", "answered None; it must be an index from 0 to 0"),
        (raises, "raise", "ZeroDivisionError: division by zero"),
        (raises_in_a_helper, "helper", "IndexError: tuple index out of range"),
        (Chooser("last"), "object", "answered 'last'"),
        (Chooser(7).method, "method", "answered 7"),
        (functools.partial(of_two, 7), "partial", "answered 7"),
        (functools.partial(functools.partial(of_two), 7), "partial", "answered 7"),
        (under_a_decorator, "decorated", "answered 'first'"),
        (cached, "cached", "answered 'first'"),
        (LAMBDA, "lambda", "answered 1"),
    ],
)
def test_the_line_is_the_policys_own(function: Callable[..., object], mark: str, words: str) -> None:
    policy = Policy("pick", function)
    error = told(lambda: policy.index(1, (0,)))
    assert error.file == __file__
    assert error.line == line_of(mark)
    assert words in str(error)
    assert f"policy 'pick', {__file__}, line {error.line}: " in str(error)


def takes_nothing() -> int:  # here: nothing
    return 0


def test_too_many_arguments_are_told_at_the_definition() -> None:
    error = told(lambda: Policy("pick", takes_nothing)((1, 2)))
    assert error.line == line_of("nothing")
    assert "takes 0 positional arguments but 1 was given" in str(error)


def test_what_is_not_written_in_python_has_no_line() -> None:
    error = told(lambda: Policy("pick", max).index(1, (4, 5)))
    assert (error.file, error.line) == ("", 0)
    assert str(error) == "policy 'pick': answered 5; it must be an index from 0 to 0"
    assert "TypeError" in str(told(lambda: Policy("pick", max)(3)))


def test_what_cannot_be_called_is_refused() -> None:
    wrong: Any = 3
    assert str(told(lambda: Policy("pick", wrong))) == "policy 'pick': 3 cannot be called; give a function"


def test_a_policy_that_remembers_is_told_where_it_is_defined() -> None:
    answers = iter([7, 0])

    def forgetful() -> int:  # here: forgetful
        return next(answers)

    error = told(lambda: Policy("pick", forgetful).index(3))
    assert error.line == line_of("forgetful")
    assert "answered 7" in str(error)


def leaves() -> int:
    sys.exit("enough")  # here: exit


def test_a_policy_cannot_end_the_program_but_ctrl_c_can() -> None:
    error = told(lambda: Policy("pick", leaves).index(3))
    assert error.line == line_of("exit")
    assert "SystemExit: enough" in str(error)

    def interrupt() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Policy("pick", interrupt).index(3)


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise ValueError

    __repr__ = __str__


def test_what_cannot_tell_itself_does_no_harm() -> None:
    def unspeakable() -> object:
        return UnspeakableError()

    def fails() -> object:
        raise UnspeakableError

    assert "answered <UnspeakableError instance at" in str(told(lambda: Policy("pick", unspeakable).index(3)))
    assert str(told(lambda: Policy("pick", fails).index(3))).endswith("UnspeakableError")
    assert len(str(told(lambda: Policy("pick", lambda: "long" * 10**6).index(3)))) < 500


def test_whoever_traces_goes_on_tracing() -> None:
    seen: list[str] = []

    def tracer(frame: Any, event: str, _: object) -> None:
        seen.append(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        told(lambda: Policy("pick", none_is_no_index).index(3, ()))
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert "none_is_no_index" in seen


def test_the_cause_keeps_the_whole_story() -> None:
    assert isinstance(told(lambda: Policy("pick", raises).index(1, (0,))).__cause__, ZeroDivisionError)
