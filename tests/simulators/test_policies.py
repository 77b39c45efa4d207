"""Policies in runs, studies and sweeps, in other processes too; from a script as from a notebook."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulators import (
    KINDS,
    CheckpointError,
    EngineLimitError,
    PolicyError,
    ProcessExecutor,
    UnknownPolicyError,
    replicate,
    simulate,
    sweep,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent

# A student's script or notebook: its functions live in __main__, where no worker can import them.
SCRIPT = """\
import sys
from functools import partial

from simulators import DaskExecutor, PolicyError, ProcessExecutor, replicate, sweep

sys.path.append({here!r})
from queue_kind import queue

PREFERRED = 0
asked = []


def newest(preferred, waiting):
    asked.append(waiting)
    return len(waiting) - 1 if len(asked) % 3 else preferred


class Wrong:
    def __call__(self, waiting):
        if len(waiting) > 2:
            return len(waiting)
        return 0


def main():
    executor = {executor}
    plans = {{"slow": queue(service_s=1.5), "fast": queue()}}
    wanted = sweep(plans, replications=9, seed=3, policies={{"pick": partial(newest, PREFERRED)}})
    plain = sweep(plans, replications=9, seed=3)
    with executor:
        found = sweep(plans, replications=9, seed=3, policies={{"pick": partial(newest, PREFERRED)}}, executor=executor)
        for name in plans:
            assert found[name].engine == "simpy"
            assert found[name].values.tobytes() == wanted[name].values.tobytes()
            assert found[name].values.tobytes() != plain[name].values.tobytes()
        assert asked == []  # every replication had a copy of its own, also here
        try:
            replicate(queue(service_s=1.9), replications=9, seed=3, policies={{"pick": Wrong()}}, executor=executor)
        except PolicyError as error:
            print(error.file, error.line, error.point)
            print(error)


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    "executor",
    ["ProcessExecutor(2)", pytest.param("DaskExecutor(workers=2)", marks=pytest.mark.slow)],
)
def test_functions_of_a_script_reach_the_workers(tmp_path: Path, executor: str) -> None:
    script = tmp_path / "experiment.py"
    script.write_text(SCRIPT.format(here=str(HERE), executor=executor))
    line = SCRIPT.splitlines().index("            return len(waiting)") + 1
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == f"{script} {line} pick"
    assert second.startswith(f"policy 'pick', {script}, line {line}: answered ")


def test_a_run_asks_a_policy_and_a_study_does_the_same(queue: Callable[..., Any]) -> None:
    asked: list[tuple[int, ...]] = []

    def last(waiting: tuple[int, ...]) -> int:
        asked.append(waiting)
        return len(waiting) - 1

    scenario = queue(service_s=1.8)
    run = simulate(scenario, seed=3, policies={"pick": last})
    assert max(map(len, asked)) > 1
    assert run.journal != simulate(scenario, seed=3).journal
    study = replicate(scenario, replications=2, seed=3, policies={"pick": last})
    assert study.values[0].tolist() == [kpi.value for kpi in run.kpis.values()]


def test_nothing_is_remembered_from_one_replication_to_the_next(queue: Callable[..., Any]) -> None:
    turns: list[int] = []

    def turncoat(waiting: tuple[int, ...]) -> int:
        turns.append(0)
        return -1 % len(waiting) if len(turns) < 40 else 0

    scenario = queue(service_s=1.8)
    many = replicate(scenario, replications=4, seed=3, policies={"pick": turncoat})
    for number in range(4):
        alone = replicate(scenario, replications=1, first=number, seed=3, policies={"pick": turncoat})
        assert alone.values[0].tobytes() == many.values[number].tobytes()
    assert turns == []


def test_both_decisions_may_be_taken_over(queue: Callable[..., Any]) -> None:
    policies: dict[str, Callable[..., object]] = {
        "pick": lambda waiting: 0,
        "admit": lambda now_s, waiting: waiting < 2,
    }
    plans = sweep({"now": queue(service_s=1.8)}, replications=3, seed=1, policies=policies)
    every = sweep({"now": queue(service_s=1.8)}, replications=3, seed=1)
    assert plans.estimates("wait_mean_s")["now"].mean < every.estimates("wait_mean_s")["now"].mean


def test_an_unknown_decision_is_refused(queue: Callable[..., Any]) -> None:
    for run in (simulate, lambda *a, **k: replicate(*a, replications=1, **k)):
        with pytest.raises(
            UnknownPolicyError, match="policy 'happiness' is not a decision of queue; choose one of: pick"
        ):
            run(queue(), seed=1, policies={"happiness": max})


def test_what_is_no_function_is_refused_before_anything_runs(queue: Callable[..., Any]) -> None:
    wrong: Any = {"pick": 3}
    with pytest.raises(PolicyError, match="policy 'pick': 3 cannot be called; give a function"):
        simulate(queue(), seed=1, policies=wrong)
    with pytest.raises(PolicyError, match="policy 'pick': 3 cannot be called; give a function"):
        replicate(queue(), replications=1, seed=1, policies=wrong)


def test_what_cannot_be_copied_is_refused_with_its_line(queue: Callable[..., Any]) -> None:
    lock = threading.Lock()

    def guarded(waiting: tuple[int, ...]) -> int:
        with lock:
            return 0

    with pytest.raises(PolicyError, match=r"test_policies.py, line \d+: cannot be copied .*lock.*; keep open files"):
        replicate(queue(), replications=1, seed=1, policies={"pick": guarded})


def test_what_a_worker_cannot_import_is_told(queue: Callable[..., Any], tmp_path: Path) -> None:
    module = tmp_path / "only_here.py"
    module.write_text("def pick(waiting):\n    return 0\n")
    sys.path.append(str(tmp_path))
    try:
        pick = __import__("only_here").pick
    finally:
        sys.path.remove(str(tmp_path))
    with pytest.raises(PolicyError, match=r"cannot be made again in the worker .*No module named 'only_here'"):
        replicate(queue(), replications=2, seed=1, policies={"pick": pick}, executor=ProcessExecutor(1))


def test_a_checkpoint_with_policies_is_refused(queue: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot keep a study with policies for pick: .* leave checkpoint out"):
        replicate(queue(), replications=1, seed=1, policies={"pick": max}, checkpoint=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_the_compiled_engine_refuses_and_auto_does_not(queue: Callable[..., Any], monkeypatch: Any) -> None:
    scenario = queue()
    monkeypatch.setitem(
        KINDS, "queue", replace(KINDS["queue"], engines={"simpy": KINDS["queue"].engines["simpy"], "compiled": None})
    )
    with pytest.raises(EngineLimitError, match="'compiled' cannot run queue with a Python policy for 'pick'"):
        replicate(scenario, replications=1, seed=1, engine="compiled", policies={"pick": lambda waiting: 0})
    assert replicate(scenario, replications=1, seed=1, policies={"pick": lambda waiting: 0}).engine == "simpy"
