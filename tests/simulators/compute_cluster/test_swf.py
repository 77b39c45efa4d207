from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import DocumentError, load_scenario, simulate
from simulators.compute_cluster import ComputeCluster, TraceError, parse_swf, read_swf, write_swf

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "1 0 -1 60 4 -1 -1 4 90 -1 1 3 -1 -1 0 -1 -1 -1"


def test_good_lines_are_read_and_bad_ones_told_by_number() -> None:
    text = "\n".join(
        [
            "; MaxNodes: 8",
            "",
            GOOD,
            "2 5 -1 60",
            GOOD.replace("1 0", "3 -7", 1),
            GOOD.replace("60", "sixty", 1),
            "5 9 -1 10 -1 -1 -1 0 90 -1 1 3 -1 -1 0 -1 -1 -1",
            "6 9 -1 -1 4 -1 -1 4 90 -1 5 3 -1 -1 0 -1 -1 -1",
            GOOD.replace("60", "nan", 1),
            "; a comment in between",
            "8 20 -1 5 1 -1 -1 1 9 -1 1 4 -1 -1 0 -1 -1 -1",
            "9 15 -1 5 1 -1 -1 1 9 -1 1 4 -1 -1 0 -1 -1 -1",
        ]
    )
    trace = parse_swf(text)
    assert trace.header == ("; MaxNodes: 8",)
    assert trace.column("job").tolist() == [1, 9, 8]
    assert [(problem.line, problem.kept) for problem in trace.problems] == [
        (4, False),
        (5, False),
        (6, False),
        (7, False),
        (8, False),
        (9, False),
        (12, True),
    ]
    told = [str(problem) for problem in trace.problems]
    for words, line in zip(
        ["4 fields", "submit_s = -7", "run_s = 'sixty'", "one must be ≥ 1", "run_s = -1", "finite", "goes back"],
        told,
        strict=True,
    ):
        assert words in line
    assert trace.left_out == 6


ROWS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**5), st.integers(1, 512), st.integers(-1, 9)),
    min_size=1,
    max_size=20,
)


@given(rows=ROWS, packed=st.booleans())
def test_what_is_written_is_read_again(
    rows: list[tuple[int, int, int, int]], packed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [
        f"{number} {submit} -1 {run} {size} -1 -1 {size} -1 -1 1 {user} -1 -1 -1 -1 -1 -1"
        for number, (submit, run, size, user) in enumerate(sorted(rows), 1)
    ]
    trace = parse_swf("; Version: 2.2\n" + "\n".join(lines))
    file = tmp_path_factory.mktemp("swf") / ("a.swf.gz" if packed else "a.swf")
    write_swf(trace, file)
    again = read_swf(file)
    assert again.header == trace.header
    assert np.array_equal(again.values, trace.values)


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    text = "".join(f"{n} {n} -1 60 4 -1 -1 4 90 -1 1 {n % 7} -1 -1 0 -1 -1 -1\n" for n in range(1, 5001))
    whole = gzip.compress(text.encode())
    (tmp_path / "cut.swf.gz").write_bytes(whole[: len(whole) // 2])
    trace = read_swf(tmp_path / "cut.swf.gz")
    assert not trace.complete
    assert 100 < len(trace) < 5000
    assert trace.column("job").tolist() == list(range(1, len(trace) + 1))
    assert "breaks off" in str(trace.problems[-1])
    (tmp_path / "scenario.yaml").write_text(scenario_text("cut.swf.gz"), encoding="utf-8")
    with pytest.raises(DocumentError, match="breaks off after"):
        load_scenario(tmp_path / "scenario.yaml")


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"nowhere\.swf: cannot be read"):
        read_swf(tmp_path / "nowhere.swf")
    (tmp_path / "bad.swf.gz").write_bytes(b"\x1f\x8b" + bytes(range(256)))
    with pytest.raises(TraceError, match=r"bad\.swf\.gz: is a damaged gzip file"):
        read_swf(tmp_path / "bad.swf.gz")


def scenario_text(file: str) -> str:
    return f"""
kind: compute_cluster
horizon_s: 100000
node_types:
  - {{name: node, nodes: 8}}
jobs: {{kind: swf, file: {file}}}
"""


def test_a_trace_stands_beside_its_scenario(tmp_path: Path) -> None:
    (tmp_path / "small.swf").write_text(GOOD + "\n" + GOOD.replace("1 0", "2 5", 1).replace("4", "9") + "\nbad\n")
    (tmp_path / "scenario.yaml").write_text(scenario_text("small.swf"), encoding="utf-8")
    scenario = load_scenario(tmp_path / "scenario.yaml")
    kpis = simulate(scenario, seed=1).kpis
    assert kpis["jobs_submitted"].value == 2
    assert kpis["jobs_ended"].value == 1
    assert kpis["jobs_rejected"].value == 1  # nine processors on eight nodes
    assert kpis["trace_lines_left_out"].value == 1
    again = type(scenario).model_validate_json(scenario.model_dump_json())
    assert again == scenario


def test_a_trace_may_stand_in_the_scenario() -> None:
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1000,
            "node_types": [{"name": "node", "nodes": 8}],
            "jobs": {
                "kind": "swf",
                "text": "\n".join(GOOD.replace("1 0", f"{n} {n}", 1) for n in range(1, 6)),
                "first": 1,
                "count": 3,
            },
        }
    )
    assert simulate(scenario, seed=1).kpis["jobs_ended"].value == 3


def test_preceding_jobs_and_think_times_hold() -> None:
    lines = [GOOD, "2 1 -1 10 1 -1 -1 1 10 -1 1 3 -1 -1 0 -1 1 30"]
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1000,
            "node_types": [{"name": "node", "nodes": 8}],
            "jobs": {"kind": "swf", "text": "\n".join(lines)},
        }
    )
    assert simulate(scenario, seed=1).kpis["makespan_s"].value == 60 + 30 + 10
