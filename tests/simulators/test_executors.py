"""Workers that die, errors that travel, and what is left behind."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from simulators import (
    ClusterError,
    DaskExecutor,
    Executor,
    ProcessExecutor,
    UnknownKpiError,
    WorkerLostError,
    cluster,
    replicate,
)
from simulators.production_line import ProductionLine

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = ProductionLine.model_validate(
    {
        "kind": "production_line",
        "horizon_s": 8_000,
        "release": {"kind": "saturated"},
        "stations": [{"name": "press", "service": {"kind": "exponential", "mean_s": 5}}],
    }
)
# The workers import the chores too, so they lie where these find them under a name of their own.
sys.path.append(str(Path(__file__).parent))
chores = importlib.import_module("chores")

TOUGH = {"replications": 60, "seed": 4, "engine": "simpy"}


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "shixun-worker" in child.cmdline()]


class TestProcesses:
    def test_results_carry_their_numbers(self) -> None:
        assert sorted(ProcessExecutor(2).run(chores.square, range(5))) == [(n, n * n) for n in range(5)]
        assert workers() == []

    def test_workers_stay_from_study_to_study_in_a_with_statement(self) -> None:
        with ProcessExecutor(1) as executor:
            first, second = dict(executor.run(chores.process, [0])), dict(executor.run(chores.process, [0]))
        assert first == second
        assert workers() == []

    @pytest.mark.parametrize("kind", [ProcessExecutor, DaskExecutor])
    def test_no_worker_is_refused(self, kind: Any) -> None:
        with pytest.raises(ValueError, match="workers = 0 must be ≥ 1"):
            kind(workers=0)

    def test_an_error_keeps_its_kind_and_words(self) -> None:
        with pytest.raises(UnknownKpiError, match="'happiness 7' is not measured here; choose one of: throughput"):
            list(ProcessExecutor(1).run(chores.fail, [7]))
        assert workers() == []

    def test_an_error_that_cannot_travel_is_told_in_words(self) -> None:
        with pytest.raises(RuntimeError, match="HomeboundError: number 7"):
            list(ProcessExecutor(1).run(chores.fail_unspeakably, [7]))

    def test_an_interrupted_study_leaves_no_process(self) -> None:
        def interrupt(done: int, total: int) -> None:
            if done:
                assert workers()
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            replicate(LINE, **TOUGH, executor=ProcessExecutor(2), progress=interrupt)
        assert workers() == []

    @pytest.mark.fault
    def test_the_work_of_a_worker_that_dies_is_done_again(self, tmp_path: Path) -> None:
        tasks = [(number, tmp_path / "died") for number in range(8)]
        assert dict(ProcessExecutor(2).run(chores.die_the_first_time, tasks)) == {n: n for n in range(8)}
        assert (tmp_path / "died").exists()

    @pytest.mark.fault
    def test_work_that_kills_every_worker_is_named(self) -> None:
        done: Counter[int] = Counter()
        with pytest.raises(WorkerLostError, match=r"^3: the worker process was killed by SIGKILL, 3 times over"):
            done.update(number for number, _ in ProcessExecutor(2).run(chores.die_at_three, range(8)))
        assert workers() == []

    @pytest.mark.fault
    def test_how_a_worker_ended_is_told(self) -> None:
        with pytest.raises(WorkerLostError, match="the worker process ended with exit code 7, 3 times over"):
            list(ProcessExecutor(1).run(chores.leave, [7]))

    @pytest.mark.fault
    def test_killed_workers_change_nothing(self) -> None:
        killed = []

        def kill(done: int, total: int) -> None:
            if done >= total * (len(killed) + 1) // 4 and len(killed) < 2:
                worker = min(workers(), key=psutil.Process.create_time)  # not the same piece's again and again
                worker.kill()
                killed.append(worker.pid)

        study = replicate(LINE, **TOUGH, executor=ProcessExecutor(2), progress=kill)
        assert len(set(killed)) == 2
        assert study.values.tobytes() == replicate(LINE, **TOUGH).values.tobytes()

    @pytest.mark.fault
    def test_a_worker_that_dies_idle_is_replaced(self) -> None:
        with ProcessExecutor(1) as executor:
            (first,) = dict(executor.run(chores.process, [0])).values()
            os.kill(first, signal.SIGKILL)
            (second,) = dict(executor.run(chores.process, [0])).values()
        assert first != second


@pytest.fixture(scope="module")
def dask() -> Iterator[DaskExecutor]:
    with DaskExecutor(workers=2) as executor:
        yield executor


@pytest.mark.slow
class TestDask:
    def test_an_error_keeps_its_kind_and_words(self, dask: DaskExecutor) -> None:
        with pytest.raises(UnknownKpiError, match="'happiness 7' is not measured here; choose one of: throughput"):
            list(dask.run(chores.fail, [7]))

    @pytest.mark.fault
    def test_a_killed_worker_changes_nothing(self, dask: DaskExecutor) -> None:
        killed = []

        def kill(done: int, total: int) -> None:
            if done >= total // 3 and not killed:
                pid = next(iter(dask.client.run(os.getpid).values()))
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        study = replicate(LINE, **TOUGH, executor=dask, progress=kill)
        assert killed
        assert study.values.tobytes() == replicate(LINE, **TOUGH).values.tobytes()

    @pytest.mark.fault
    def test_work_that_kills_every_worker_is_named(self, dask: DaskExecutor) -> None:
        with pytest.raises(WorkerLostError, match=r"^3: 3 Dask workers died of it"):
            list(dask.run(chores.die_at_three, [3]))

    def test_a_scheduler_elsewhere_is_used_and_left_running(self, dask: DaskExecutor) -> None:
        address = dask.client.scheduler.address
        guest: Executor = DaskExecutor(address)
        assert replicate(LINE, replications=3, seed=1, executor=guest).replications == 3
        assert dict(dask.run(chores.square, [3])) == {0: 9}

    def test_workers_of_another_version_are_refused(self, dask: DaskExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cluster, "code_version", os.getpid)
        with pytest.raises(ClusterError, match=r"Dask workers tcp://.* run another version of the simulators"):
            replicate(LINE, replications=3, seed=1, executor=DaskExecutor(dask.client.scheduler.address))

    def test_a_scheduler_that_does_not_answer_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cluster, "ANSWER_S", 0.5)
        with pytest.raises(ClusterError, match=r"address = 'tcp://127.0.0.1:9': no Dask cluster with 1 worker"):
            replicate(LINE, replications=3, seed=1, executor=DaskExecutor("tcp://127.0.0.1:9"))
