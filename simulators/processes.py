"""Worker processes on this machine.

``concurrent.futures.ProcessPoolExecutor`` is not used because it gives up all its work when one worker dies, and does
not say which piece was to blame. Here every worker has a pipe of its own and one piece at a time. Workers import the
simulators only, not the program that uses them, which may be much larger (the command line, a notebook).
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import traceback
from collections import Counter, deque
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any

from simulators.errors import WorkerLostError
from simulators.executors import DEATHS, Result, Task, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["ProcessExecutor", "serve", "without_interrupts"]

STOP_S = 5.0
START = """\
import sys
from multiprocessing.connection import Connection
connection = Connection(int(sys.argv[2]))
sys.path[:] = connection.recv()
from simulators.processes import serve
serve(connection)
"""

_logger = logging.getLogger(__name__)


class ProcessExecutor(WorkerPool[list["_Worker"]]):
    """Runs pieces of work in processes of this machine.

    A process that dies is replaced and its piece is run again.

    Parameters
    ----------
    workers
        How many processes, from 1; by default one a core.

    Raises
    ------
    ValueError
        ``workers`` is below 1.
    """

    def __init__(self, workers: int | None = None) -> None:
        super().__init__()
        if workers is not None and workers < 1:
            message = f"workers = {workers} must be ≥ 1"
            raise ValueError(message)
        self._workers = workers or os.cpu_count() or 1

    @property
    def workers(self) -> int:
        """How many processes there are."""
        return self._workers

    def run(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Run ``work`` on every task; see `Executor.run`."""
        with self:
            waiting = deque(range(len(tasks)))
            deaths: Counter[int] = Counter()
            busy: dict[Connection, tuple[_Worker, int]] = {}

            def assign(worker: _Worker) -> None:
                if waiting:
                    number = waiting.popleft()
                    busy[worker.assign((work, tasks[number]))] = (worker, number)

            try:
                for worker in self.pool:
                    assign(worker)
                while busy:
                    ready = wait(list(busy))
                    for connection in [each for each in busy if each in ready]:
                        worker, number = busy.pop(connection)
                        try:
                            done, answer = connection.recv()
                        except (EOFError, OSError):
                            deaths[number] += 1
                            end = worker.end(STOP_S)
                            if deaths[number] == DEATHS:
                                message = _lost(tasks[number], end)
                                raise WorkerLostError(message) from None
                            _logger.warning("a worker process %s; its piece of work is run again", end)
                            waiting.appendleft(number)
                            assign(worker)
                            continue
                        if not done:
                            raise answer
                        assign(worker)
                        yield number, answer
            finally:
                for worker, _ in busy.values():  # given up half-way: nobody wants the answer
                    worker.end()

    def _open(self) -> list[_Worker]:
        return [_Worker() for _ in range(self._workers)]

    def _close(self, pool: list[_Worker]) -> None:
        for worker in pool:
            worker.dismiss()
        for worker in pool:
            worker.end(STOP_S)


class _Worker:
    """A process and the pipe to it; both are made when there is work."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def assign(self, task: tuple[Callable[[Any], Any], Any]) -> Connection:
        message = ForkingPickler.dumps(task)
        if self._process is not None and self._process.poll() is not None:
            _logger.warning("an idle worker process %s; another takes its place", self.end())
        connection = self._connection or self._start()
        with suppress(OSError):  # it died this very moment; whoever waits for the answer sees the end of the pipe
            connection.send_bytes(message)
        return connection

    def dismiss(self) -> None:
        """Ask the process to end, by closing its pipe."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def end(self, patience_s: float = 0.0) -> str:
        """Wait, then kill what is left, and say how the process ended."""
        self.dismiss()
        if self._process is None:
            return "was never started"
        if patience_s:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
        self._process.kill()
        code = self._process.wait()
        self._process = None
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        with theirs, without_interrupts():
            self._process = subprocess.Popen(  # noqa: S603 - this very interpreter and our own words
                [sys.executable, "-c", START, "shixun-worker", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._connection = ours
        with suppress(OSError):  # as in assign
            ours.send(sys.path)
        return ours


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C in the terminal does not reach: stopping them is their starter's business."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(connection: Connection) -> None:
    """Work, as a worker process, until the pipe ends."""
    while True:
        try:
            received = connection.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            work, task = ForkingPickler.loads(received)
            message = ForkingPickler.dumps((True, work(task)))
        except Exception as error:
            message = _failure(error)
        try:
            connection.send_bytes(message)
        except OSError:  # nobody wants the answer any more
            return


def _failure(error: Exception) -> memoryview:
    story = traceback.format_exc()
    error.add_note(f"In a worker process:\n{story}")
    try:
        message = ForkingPickler.dumps((False, error))
        ForkingPickler.loads(message)
    except Exception:
        return ForkingPickler.dumps((False, RuntimeError(story)))
    return message


def _lost(task: object, end: str) -> str:
    if end.startswith("was killed"):
        advice = "Mostly memory is short: use fewer workers, or simulate a shorter horizon_s."
    else:
        advice = "Its last words are on the standard error stream."
    return f"{task}: the worker process {end}, {DEATHS} times over. {advice}"
