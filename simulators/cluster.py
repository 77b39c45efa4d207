"""A Dask cluster: on this machine, or wherever its scheduler is.

Dask itself runs the tasks of a lost worker again. Its modules are imported only when a cluster is opened, since that
takes half a second.
"""

from __future__ import annotations

import copy
import importlib
import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from simulators.errors import ClusterError, WorkerLostError
from simulators.executors import DEATHS, Result, Task, WorkerPool
from simulators.processes import without_interrupts
from simulators.version import code_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["DaskExecutor"]

ANSWER_S = 10.0

_KEEPING_MEMORY = {
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 128 << 20,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 << 20,
}
"""Otherwise Dask's workers give memory back at once and take it again in every replication, a third of their time."""


@dataclass(frozen=True)
class _Cluster:
    client: Any
    threads: int
    exits: ExitStack


class DaskExecutor(WorkerPool[_Cluster]):
    """Runs pieces of work on a Dask cluster.

    Parameters
    ----------
    address
        Address of a scheduler, such as ``tcp://10.0.0.7:8786``; by default a cluster on this machine, which needs
        ``if __name__ == "__main__":`` in a script.
    workers
        Processes of the cluster on this machine, by default one a core; at an ``address``, how many workers must be
        there before the work begins, by default 1.

    Raises
    ------
    ValueError
        ``workers`` is below 1.
    """

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        super().__init__()
        if workers is not None and workers < 1:
            message = f"workers = {workers} must be ≥ 1"
            raise ValueError(message)
        self._address = address
        self._workers = workers

    @property
    def workers(self) -> int:
        """How many tasks the cluster had room for when it was opened."""
        return self.pool.threads

    @property
    def client(self) -> Any:  # noqa: ANN401 - distributed.Client, imported late
        """The client of the open cluster."""
        return self.pool.client

    def run(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Run ``work`` on every task; see `Executor.run`.

        Raises
        ------
        ClusterError
            The cluster does not answer, or is lost on the way.
        WorkerLostError
            A task killed too many workers.
        """
        with self:
            # Not pure: Dask would otherwise give a task the name of an equal one and its former result.
            numbers = {self.client.submit(work, task, pure=False): number for number, task in enumerate(tasks)}
            try:
                done = _distributed().as_completed(
                    list(numbers), loop=self.client.loop, with_results=True, raise_errors=False
                )
                for future, answer in done:
                    number = numbers.pop(future)
                    if future.status == "error":
                        raise _as_ours(answer[1], tasks[number])
                    if future.status != "finished":
                        message = f"the Dask scheduler at {self._place} was lost; start it and run the study again"
                        raise ClusterError(message)
                    yield number, answer
            finally:
                if numbers and self.client.status == "running":
                    self.client.cancel(list(numbers), force=True)

    @property
    def _place(self) -> str:
        return self._address or "this machine"

    def _open(self) -> _Cluster:
        with ExitStack() as stack:
            try:
                address = self._address or stack.enter_context(_local(self._workers or os.cpu_count() or 1))
                client = stack.enter_context(_distributed().Client(address, timeout=ANSWER_S, set_as_default=False))
                client.wait_for_workers(self._workers or 1, timeout=ANSWER_S)
            except (OSError, ValueError) as error:
                message = (
                    f"address = {self._place!r}: no Dask cluster with {self._workers or 1} worker(s) answers within "
                    f"{ANSWER_S:g} s ({error}). Start one with `dask scheduler` and `dask worker ADDRESS`."
                )
                raise ClusterError(message) from error
            if self._address:
                _compare(client)
            return _Cluster(client, sum(client.nthreads().values()), stack.pop_all())
        raise AssertionError  # an ExitStack swallows nothing here

    def _close(self, pool: _Cluster) -> None:
        pool.exits.close()


def _distributed() -> Any:  # noqa: ANN401 - it is imported late, and mostly untyped
    return importlib.import_module("distributed")


def _dask_config() -> Any:  # noqa: ANN401 - imported late, as above
    return importlib.import_module("dask.config")


def _local(workers: int) -> Any:  # noqa: ANN401 - LocalCluster, imported late
    config = copy.deepcopy(_distributed().config)
    config["distributed"]["worker"]["profile"]["enabled"] = False  # it takes a tenth of the workers' time
    resource_tracker.ensure_running()  # started later it would unblock signals in the thread that starts it
    # Its threads inherit that they are not interrupted, and so do the workers that they start.
    with _dask_config().set(_KEEPING_MEMORY), without_interrupts():
        cluster = _distributed().LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # a port of its own: many studies may run on one machine
            silence_logs=logging.CRITICAL,  # what fails is told by the client; closing workers miss their scheduler
            config=config,
        )
    cluster.scheduler.allowed_failures = DEATHS - 1
    return cluster


def _compare(client: Any) -> None:  # noqa: ANN401 - distributed.Client, imported late
    try:
        versions = client.run(code_version)
    except ImportError as error:
        message = f"a Dask worker cannot import the simulators ({error}); install shixun there"
        raise ClusterError(message) from error
    others = [worker for worker, version in versions.items() if version != code_version()]
    if others:
        message = (
            f"Dask workers {', '.join(others)} run another version of the simulators, NumPy or SciPy than we do; "
            "install the same there"
        )
        raise ClusterError(message)


def _as_ours(error: BaseException, task: object) -> BaseException:
    if isinstance(error, _distributed().KilledWorker):
        return WorkerLostError(
            f"{task}: {error.allowed_failures + 1} Dask workers died of it. Mostly memory is short: use fewer workers, "
            "or simulate a shorter horizon_s."
        )
    return error
