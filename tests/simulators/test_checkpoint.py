from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import CheckpointError, ProcessExecutor, Study, checkpoint, replicate, sweep
from simulators.checkpoint import Checkpoint
from simulators.production_line import ProductionLine
from simulators.study import Rows

if TYPE_CHECKING:
    from pathlib import Path

LINE = ProductionLine.model_validate(
    {
        "kind": "production_line",
        "horizon_s": 200,
        "release": {"kind": "saturated"},
        "stations": [{"name": "press", "service": {"kind": "exponential", "mean_s": 5}}],
    }
)
LONGER = LINE.model_copy(update={"horizon_s": 300.0})


def study(path: Path | None, replications: int = 12, **changes: object) -> Study:
    arguments = {"scenario": LINE, "seed": 2, "engine": "simpy", **changes}
    return replicate(arguments.pop("scenario"), replications=replications, checkpoint=path, **arguments)  # type: ignore[arg-type]


def interrupted(path: Path, at: int = 5) -> None:
    def interrupt(done: int, total: int) -> None:
        del total
        if done == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(path, progress=interrupt)


def done_at_start(path: Path, **changes: object) -> int:
    told: list[int] = []
    study(path, progress=lambda done, _: told.append(done), **changes)
    return told[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.checkpoint"


def test_an_interrupted_study_goes_on_and_is_the_same(path: Path) -> None:
    interrupted(path)
    assert done_at_start(path) == 5
    assert study(path).values.tobytes() == study(None).values.tobytes()


def test_a_finished_study_is_read_and_not_simulated(path: Path) -> None:
    study(path)
    content = path.read_bytes()
    assert done_at_start(path) == 12
    assert path.read_bytes() == content


def test_another_executor_may_go_on(path: Path) -> None:
    interrupted(path)
    assert study(path, executor=ProcessExecutor(2)).values.tobytes() == study(None).values.tobytes()


@pytest.mark.parametrize("replications", [3, 20])
def test_more_or_fewer_replications_may_be_asked_for(path: Path, replications: int) -> None:
    interrupted(path)
    assert study(path, replications).values.tobytes() == study(None, replications).values.tobytes()


def test_a_torn_last_line_is_dropped(path: Path) -> None:
    interrupted(path)
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(whole), 29):
        path.write_bytes(whole[:cut])
        assert done_at_start(path) == 4
        assert study(path).values.tobytes() == study(None).values.tobytes()


def test_a_torn_first_line_begins_anew(path: Path) -> None:
    study(path)
    path.write_bytes(path.read_bytes()[:20])
    assert done_at_start(path) == 0
    assert done_at_start(path) == 12


def test_a_damaged_line_is_named(path: Path) -> None:
    study(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"0", b"1", 1)
    path.write_bytes(b"".join(lines))
    with pytest.raises(CheckpointError, match=r"study.checkpoint:4: is not a line of a checkpoint"):
        study(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 3}, "seed = 2 there, 3 here"),
        ({"engine": "compiled"}, "engines = .*simpy.* there, .*compiled.* here"),
        ({"scenario": LONGER}, "the content of scenario '0'"),
    ],
    ids=["seed", "engine", "scenario"],
)
def test_another_study_is_refused_with_what_differs(path: Path, changes: dict[str, object], words: str) -> None:
    study(path)
    content = path.read_bytes()
    with pytest.raises(CheckpointError, match="belongs to another study; what differs: " + words):
        study(path, **changes)
    assert path.read_bytes() == content


def test_other_code_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study(path)
    monkeypatch.setattr(checkpoint, "code_version", lambda: "older")
    with pytest.raises(CheckpointError, match=r"code = '[0-9a-f]{16}' there, 'older' here"):
        study(path)


@pytest.mark.parametrize("content", ["kind: production_line\n", "", "{}", "[1, {}]\n"], ids=range(4))
def test_a_file_of_something_else_is_left_alone(path: Path, content: str) -> None:
    path.write_text(content)
    if not content:
        assert done_at_start(path) == 0
        return
    with pytest.raises(CheckpointError, match=r"study.checkpoint:1: is not a line of a checkpoint"):
        study(path)
    assert path.read_text() == content


def test_a_file_in_use_or_out_of_reach_is_refused(path: Path, tmp_path: Path) -> None:
    with (
        Checkpoint(path, {"0": LINE}, {"0": "simpy"}, 2),
        pytest.raises(CheckpointError, match="is in use by another run"),
    ):
        study(path)
    with pytest.raises(CheckpointError, match="cannot be opened: No such file or directory"):
        study(tmp_path / "nowhere" / "file")


def test_every_bit_of_a_figure_is_kept(path: Path) -> None:
    values = np.array([[math.nan, -math.nan, math.inf, -0.0, 5e-324, 0.1]])
    rows = Rows(tuple((f"kpi {number}", "1") for number in range(6)), values)
    with Checkpoint(path, {"线": LINE}, {"线": "simpy"}, 2) as kept:
        kept.append("线", 7, rows)
        kept.append("线", 8, rows)
    with Checkpoint(path, {"线": LINE}, {"线": "simpy"}, 2) as kept:
        for number, (name, first, found) in enumerate(kept.finished):
            assert (name, first, found.kpis) == ("线", 7 + number, rows.kpis)
            assert found.values.tobytes() == values.tobytes()


def test_a_sweep_goes_on(path: Path) -> None:
    def run(progress: object = None, kept: Path | None = path) -> dict[str, bytes]:
        plans = sweep({"now": LINE, "longer": LONGER}, replications=6, seed=1, checkpoint=kept, progress=progress)  # type: ignore[arg-type]
        return {name: plan.values.tobytes() for name, plan in plans.studies.items()}

    def interrupt(done: int, _: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(interrupt)
    told: list[int] = []
    assert run(lambda done, _: told.append(done)) == run(kept=None)
    assert told[0] == 8
