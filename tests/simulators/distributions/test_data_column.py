"""Measured durations from a data file beside the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators import DocumentError, load_scenario
from simulators.distributions import Empirical
from simulators.distributions.data_column import read_column

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = """\
kind: production_line
horizon_s: 200
release: {kind: saturated}
stations:
  - name: press
    service:
      kind: empirical
      file: FILE
      column: service_s
"""


def scenario(folder: Path, content: str, file: str = "times.csv") -> Path:
    (folder / "times.csv").write_text(content, encoding="utf-8")
    path = folder / "scenario.yaml"
    path.write_text(SCENARIO.replace("FILE", file))
    return path


def test_the_scenario_holds_the_values_themselves(tmp_path: Path) -> None:
    path = scenario(tmp_path, '\ufeffpart,service_s\n1,7.5\n2,4\n\n3," 9e0"\n')
    loaded = load_scenario(path)
    (tmp_path / "times.csv").unlink()
    text = loaded.model_dump_json()
    assert "times.csv" not in text
    again = type(loaded).model_validate_json(text)
    assert again == loaded
    assert '"values_s":[4.0,7.5,9.0]' in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "part,time\n1,2\n",
            "column = 'service_s' must stand once in the first line of 'times.csv', .* 'part', 'time'",
        ),
        ("service_s,service_s\n1,2\n", "must stand once"),
        ("service_s\n1\nabc\n", "line 3: service_s = 'abc' must be a number of seconds ≥ 0"),
        ("service_s\n1\n-2\n", "line 3: service_s = '-2'"),
        ("service_s\nnan\n", "line 2: service_s = 'nan'"),
        ("service_s\n1e999\n", "line 2: service_s = '1e999'"),
        ("a,service_s\n1\n", "line 2: service_s = ''"),
        ("service_s\n", "holds no value below its headings"),
        ("", "no headings"),
    ],
)
def test_a_bad_column_is_told_with_file_and_line(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(DocumentError, match=rf"scenario.yaml:[89]: stations.0.service: .*{words}"):
        load_scenario(scenario(tmp_path, content))


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("nowhere.csv", "'nowhere.csv' cannot be read: No such file"),
        ("../times.csv", "must lie in the folder of the scenario file"),
        ("/etc/passwd", "must lie in the folder of the scenario file"),
        ("5", "file = 5 must be a text"),
    ],
)
def test_a_file_out_of_reach_is_refused(tmp_path: Path, file: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        load_scenario(scenario(tmp_path, "service_s\n1\n", file))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "times.csv").write_bytes(b"service_s\n\xff\xfe\n")
    with pytest.raises(ValueError, match="is not a CSV file in UTF-8"):
        read_column(tmp_path, "times.csv", "service_s", 9)


def test_too_many_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "times.csv").write_text("service_s\n" + "1\n" * 10)
    with pytest.raises(ValueError, match="holds more than 9 values"):
        read_column(tmp_path, "times.csv", "service_s", 9)
    assert read_column(tmp_path, "times.csv", "service_s", 10) == (1.0,) * 10


def test_the_order_of_values_does_not_matter() -> None:
    one, other = (Empirical(kind="empirical", values_s=values) for values in ((3, 1, 2), (1, 2, 3)))
    assert one == other
