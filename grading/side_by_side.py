"""Replications side by side in one thread, so that a policy is asked for all of them in one go.

Every question to a sandbox costs two changes between processes, which on a busy machine is most of the time that
grading takes. Simulations therefore wait for their answers together: each is a greenlet that stops at its question.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import greenlet

from simulators import SerialExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Question", "Replication", "SideBySide"]

Question: TypeAlias = tuple[str, int, "Sequence[object]"]
"""Decision point, number of the replication's copy of the policy, and what is asked."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class Replication(greenlet.greenlet):  # type: ignore[misc] # it has no types
    """A replication at work; it stops where it asks something.

    Parameters
    ----------
    number
        Which piece of work.
    work
        What it does.
    """

    def __init__(self, number: int, work: Callable[[], object]) -> None:
        super().__init__(work)
        self.number = number

    def ask(self, question: Question) -> object:
        """Stop, and go on with the answer."""
        answer: object = self.parent.switch(question)
        return answer


class SideBySide(SerialExecutor):
    """Runs some pieces of work at a time, none of which depends on another.

    Parameters
    ----------
    ask_all
        Answers questions: with an answer, or an error to be raised, for each.
    most
        So many run side by side.
    """

    def __init__(self, ask_all: Callable[[list[Question]], Sequence[object]], most: int = 8) -> None:
        self._ask_all = ask_all
        self._most = most

    def run(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Run ``work`` on every task; see `simulators.Executor.run`."""
        waiting = deque(enumerate(tasks))
        asking: list[tuple[Replication, Any]] = []
        try:
            while waiting or asking:
                going: list[tuple[Replication, Callable[[], Any]]] = []
                if asking:
                    answers = self._ask_all([question for _, question in asking])
                    going = [(one, _answered(one, said)) for (one, _), said in zip(asking, answers, strict=True)]
                    asking = []
                while waiting and len(going) < self._most:
                    number, task = waiting.popleft()
                    one = Replication(number, partial(work, task))
                    going.append((one, one.switch))
                for one, go_on in going:
                    said = go_on()
                    if one.dead:
                        yield one.number, said
                    else:
                        asking.append((one, said))
        finally:
            for one, _ in asking:
                one.throw(greenlet.GreenletExit)


def _answered(one: Replication, answer: object) -> Callable[[], Any]:
    return partial(one.throw, answer) if isinstance(answer, BaseException) else partial(one.switch, answer)
