"""Who runs the replications of a study: this process, other processes, a cluster.

An executor takes pieces of work and gives their results back in any order, each with its number, so that a study does
not depend on who ran it. A piece whose worker dies is run again.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from concurrent.futures import Executor as PlainExecutor
from concurrent.futures import as_completed
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["DEATHS", "Executor", "FuturesExecutor", "SerialExecutor", "WorkerPool", "as_executor"]

DEATHS = 3
"""How many workers one piece of work may lose before it is given up."""

PIECES_A_WORKER = 8
LARGEST_PIECE = 64

Task = TypeVar("Task")
Result = TypeVar("Result")
Pool = TypeVar("Pool")


class Executor(ABC):
    """Runs pieces of work.

    Every study opens its executor and closes it again. To keep workers from one study to the next, open it yourself:
    ``with ProcessExecutor(2) as executor: ...``. An executor belongs to one thread.
    """

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many pieces run side by side; known once it is open."""

    @abstractmethod
    def run(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Run ``work`` on every task and give (position of the task, result) as they are done, in any order.

        Parameters
        ----------
        work
            A function of a module, so that other processes can import it.
        tasks
            What it is called with.

        Raises
        ------
        WorkerLostError
            A task killed `DEATHS` workers.
        """

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, *_: object) -> None: ...

    def piece(self, count: int) -> int:
        """Return how many of ``count`` replications to send at a time: few enough to share the work out evenly."""
        return max(1, min(LARGEST_PIECE, count // (PIECES_A_WORKER * self.workers)))


class _WithoutPool(Executor):
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep nothing."""


class SerialExecutor(_WithoutPool):
    """Runs everything here, one by one."""

    @property
    def workers(self) -> int:
        """One."""
        return 1

    def run(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Run ``work`` on every task, in order; see `Executor.run`."""
        return enumerate(map(work, tasks))

    def piece(self, count: int) -> int:
        """One: nothing is sent."""
        del count
        return 1


class FuturesExecutor(_WithoutPool):
    """Lends the workers of a ``concurrent.futures.Executor``, which whoever made it closes.

    It cannot replace workers that die: use `ProcessExecutor` for that.

    Parameters
    ----------
    executor
        The executor.
    """

    def __init__(self, executor: PlainExecutor) -> None:
        self._executor = executor

    @property
    def workers(self) -> int:
        """The cores of this machine, since such an executor does not say."""
        return os.cpu_count() or 1

    def run(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Run ``work`` on every task; see `Executor.run`."""
        numbers = {self._executor.submit(work, task): number for number, task in enumerate(tasks)}
        try:
            for future in as_completed(numbers):
                yield numbers[future], future.result()
        finally:
            for future in numbers:
                future.cancel()


def as_executor(executor: Executor | PlainExecutor | None) -> Executor:
    """Return an executor of ours for any that a study takes; None runs everything here."""
    if executor is None:
        return SerialExecutor()
    return FuturesExecutor(executor) if isinstance(executor, PlainExecutor) else executor


class WorkerPool(Executor, Generic[Pool]):
    """An executor with workers that are started at its outermost ``with`` and stopped at its end."""

    def __init__(self) -> None:
        self._pool: Pool | None = None
        self._depth = 0

    @property
    def pool(self) -> Pool:
        """The open pool."""
        if self._pool is None:
            message = f"{type(self).__name__} is closed; open it by a with statement"
            raise RuntimeError(message)
        return self._pool

    @abstractmethod
    def _open(self) -> Pool: ...

    @abstractmethod
    def _close(self, pool: Pool) -> None: ...

    def __enter__(self) -> Self:
        """Start the workers, unless they run already."""
        if self._pool is None:
            self._pool = self._open()
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the workers where the outermost ``with`` ends."""
        self._depth -= 1
        if not self._depth:
            pool, self._pool = self.pool, None
            self._close(pool)
